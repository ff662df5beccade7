//! The facade's names: what the core has is in a module of the facade, and nothing is at its root by chance.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn what_the_core_exports_is_in_the_facade() {
    let files = ["otp/src/lib.rs", "otp/src/process.rs", "otp/src/call.rs"];
    let facade: BTreeSet<String> = files.into_iter().flat_map(exports).collect();
    let core = exports("otp-core/src/lib.rs");
    assert!(core.contains("SpawnOptions"), "{core:?}");
    let missing: Vec<_> = core.difference(&facade).collect();
    assert!(missing.is_empty(), "otp::process or otp::call lacks {missing:?}");
}

#[test]
fn the_root_and_the_prelude_list_their_names() {
    for file in ["otp/src/lib.rs", "otp/src/prelude.rs"] {
        assert!(!exports(file).contains("*"), "{file} takes over whatever a crate exports");
    }
    let root = exports("otp/src/lib.rs");
    for name in ["System", "Process", "ProcessRef", "Pid", "ExitReason", "Name", "Address", "Message"] {
        assert!(root.contains(name), "{name} is what every program needs");
    }
    assert!(root.len() < 44, "the root is for what every program needs, which is not this much: {root:?}");
}

/// The names that the `pub use` items of a file export, without those that are hidden.
fn exports(file: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates").join(file);
    let text = fs::read_to_string(path).expect("the file is there");
    let items = text.split(';').filter_map(|item| item.split_once("pub use "));
    let shown = items.filter(|(before, _)| !before.contains("#[doc(hidden)]")).map(|(_, path)| path);
    let names = shown.flat_map(|path| {
        let (_, names) = path.rsplit_once("::").unwrap_or(("", path));
        names.trim_matches(['{', '}', '\n']).split(',').map(|name| name.rsplit(' ').next().unwrap_or(name).trim())
    });
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

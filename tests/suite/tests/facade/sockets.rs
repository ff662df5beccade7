//! Sockets are an addition: who needs none compiles none, and who needs some names no executor for them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Words of code and of manifests that name an executor.
const EXECUTORS: [&str; 4] = ["tokio", "smol", "async_io", "async-io"];

#[test]
fn who_needs_no_sockets_compiles_none() {
    let has_sockets = |features: &str| {
        let tree = Command::new("cargo")
            .args(["tree", "--offline", "--package=otp-tokio", "--edges=normal", "--prefix=none"])
            .args(["--no-default-features", "--features", features])
            .current_dir(root())
            .output()
            .expect("cargo runs");
        let tree = String::from_utf8(tree.stdout).expect("cargo writes text");
        assert!(tree.contains("tokio v"), "cargo tree shows no dependencies: {tree}");
        tree.lines().any(|line| line.starts_with("mio v"))
    };
    assert!(has_sockets("net"), "tokio's sockets are those of mio");
    assert!(!has_sockets(""));
}

#[test]
fn programs_with_sockets_name_no_executor_outside_their_main_functions() {
    for example in ["kv-store", "chat", "hot-reload"] {
        names_no_executor_outside_its_main_function(&root().join("examples").join(example));
    }
}

fn names_no_executor_outside_its_main_function(package: &Path) {
    let manifest = fs::read_to_string(package.join("Cargo.toml")).expect("the manifest can be read");
    let named = |text: &str| EXECUTORS.iter().any(|executor| text.to_lowercase().contains(executor));
    let of_the_facade = |line: &&str| line.starts_with("otp = ");
    assert!(!manifest.lines().filter(|line| !of_the_facade(line)).any(named), "it depends on an executor: {manifest}");

    let (mut folders, mut files) = (vec![package.join("src")], 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("the folder is there") {
            let path = entry.expect("the folder can be read").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("the file can be read");
            assert_eq!(named(&text), path.ends_with("src/main.rs"), "whether {} names one", path.display());
            files += 1;
        }
    }
    assert!(files > 10, "only {files} files were looked at");
}

fn root() -> PathBuf {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../..").into()
}

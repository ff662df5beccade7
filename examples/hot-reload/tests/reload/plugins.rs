//! Compiles plugins.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use hot_reload_abi::Library;

/// The library of a release of the example's plugin: 1 has the first format, all others have the second. Each has a target
/// folder of its own, since tests use them at the same time.
pub(crate) fn release(number: u32) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("release-{number}"));
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--quiet", "--package=hot-reload-plugin"]).arg("--target-dir").arg(&target);
    cargo.current_dir(env!("CARGO_MANIFEST_DIR")).env("RELEASE", number.to_string());
    if number > 1 {
        cargo.arg("--features=counts");
    }
    run(&mut cargo);
    target.join("debug/libhot_reload_plugin.so")
}

/// A release that is loaded.
pub(crate) fn loaded(number: u32) -> Arc<Library> {
    Library::load(&release(number)).unwrap()
}

/// The plugin in C, with these macros defined, in this folder.
pub(crate) fn in_c(folder: &Path, macros: &[&str]) -> PathBuf {
    let library = folder.join("plugin.so");
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).arg(&library);
    compiler.arg(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/reload/plugin.c"));
    run(compiler.args(macros.iter().map(|name| format!("-D{name}"))));
    library
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?} failed");
}

//! What cargo knows of the workspace.

use std::process::Command;

use cargo_metadata::{CargoOpt, Metadata, MetadataCommand};

/// The workspace with all features, for this machine.
pub(crate) fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        // Only what was fetched to build for this machine, so that the test needs no network.
        .other_options(["--offline".to_owned(), format!("--filter-platform={}", host())])
        .features(CargoOpt::AllFeatures)
        .exec()
        .expect("cargo metadata runs")
}

fn host() -> String {
    let version = Command::new("rustc").arg("-vV").output().expect("rustc runs").stdout;
    let version = String::from_utf8(version).expect("rustc writes text");
    version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc tells its host").to_owned()
}

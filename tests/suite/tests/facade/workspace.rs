//! What cargo knows of the workspace.

use std::collections::{HashMap, HashSet};
use std::process::Command;

use cargo_metadata::{CargoOpt, DependencyKind, Metadata, MetadataCommand, Package};

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

/// All crates that a crate depends on, through normal and build dependencies.
pub(crate) fn reached_by<'a>(metadata: &'a Metadata, name: &str) -> Vec<&'a Package> {
    let packages: HashMap<_, _> = metadata.packages.iter().map(|package| (&package.id, package)).collect();
    let resolve = metadata.resolve.as_ref().expect("cargo resolves the workspace");
    let nodes: HashMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let start = metadata.workspace_packages().into_iter().find(|package| package.name == name);
    let (mut reached, mut next) = (HashSet::new(), vec![&start.expect("the crate exists").id]);
    while let Some(id) = next.pop() {
        for dependency in &nodes[id].deps {
            let is_built_in = dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development);
            if is_built_in && reached.insert(&dependency.pkg) {
                next.push(&dependency.pkg);
            }
        }
    }
    reached.into_iter().map(|id| packages[id]).collect()
}

/// The names and versions of all crates that are compiled for a crate with all of its features.
pub(crate) fn compiled_for(name: &str) -> HashSet<String> {
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--all-features", "--edges=normal,build", "--prefix=none", "--package", name])
        .output()
        .expect("cargo runs");
    let tree = String::from_utf8(tree.stdout).expect("cargo writes text");
    let crates: HashSet<_> = tree.lines().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert!(crates.len() > 10, "cargo lists what is compiled: {crates:?}");
    crates
}

fn host() -> String {
    let version = Command::new("rustc").arg("-vV").output().expect("rustc runs").stdout;
    let version = String::from_utf8(version).expect("rustc writes text");
    version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc tells its host").to_owned()
}

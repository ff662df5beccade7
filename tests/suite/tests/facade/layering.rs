//! The arrows between the crates: what names no executor does not reach one.

use std::collections::{HashMap, HashSet};
use std::process::Command;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, PackageId};

const EXECUTORS: [&str; 6] = ["async-executor", "async-global-executor", "async-io", "async-std", "smol", "tokio"];

#[test]
fn the_core_and_the_behaviours_reach_no_executor() {
    let above_the_seam =
        ["otp-core", "otp-genserver", "otp-supervisor", "otp-test", "otp-runtime-test", "otp-sim", "otp-macros"];
    for crate_name in above_the_seam {
        assert_eq!(executors_reached_by(crate_name), [""; 0], "{crate_name} must name no executor");
    }
}

#[test]
fn the_look_at_the_arrows_finds_an_executor_where_there_is_one() {
    assert_eq!(executors_reached_by("otp-tokio"), ["tokio"]);
    assert_eq!(executors_reached_by("otp-smol"), ["async-executor", "async-io", "smol"]);
}

#[test]
fn arrows_point_down_only() {
    let layers = [
        ("otp-core", &[][..]),
        ("otp-genserver", &["otp-core"]),
        ("otp-supervisor", &["otp-core", "otp-genserver"]),
        ("otp-test", &["otp-core", "otp-genserver", "otp-supervisor"]),
        ("otp-tokio", &["otp-core"]),
        ("otp-smol", &["otp-core"]),
        ("otp-sim", &["otp-core"]),
        ("otp-runtime-test", &["otp-core"]),
        ("otp-macros", &[]),
    ];
    for (crate_name, below) in layers {
        let reached = reached_by(&metadata(), crate_name);
        let own: HashSet<_> = reached.iter().filter(|name| name.starts_with("otp-")).map(String::as_str).collect();
        assert_eq!(own, below.iter().copied().collect(), "what {crate_name} depends on");
    }
}

fn executors_reached_by(crate_name: &str) -> Vec<&'static str> {
    let reached = reached_by(&metadata(), crate_name);
    EXECUTORS.into_iter().filter(|executor| reached.contains(*executor)).collect()
}

/// The names of all crates that a crate depends on, through normal and build dependencies.
fn reached_by(metadata: &Metadata, crate_name: &str) -> HashSet<String> {
    let names: HashMap<&PackageId, &str> =
        metadata.packages.iter().map(|package| (&package.id, package.name.as_str())).collect();
    let resolve = metadata.resolve.as_ref().expect("cargo resolves the workspace");
    let nodes: HashMap<_, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let start = metadata.packages.iter().find(|package| package.name == crate_name).expect("the crate exists");
    let (mut reached, mut next) = (HashSet::new(), vec![&start.id]);
    while let Some(id) = next.pop() {
        for dependency in &nodes[id].deps {
            let is_built_in = dependency.dep_kinds.iter().any(|kind| kind.kind != DependencyKind::Development);
            if is_built_in && reached.insert(names[&dependency.pkg].to_owned()) {
                next.push(&dependency.pkg);
            }
        }
    }
    reached
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml"))
        // Only what was fetched to build for this machine, so that the test needs no network.
        .other_options(["--offline".to_owned(), format!("--filter-platform={}", host())])
        .exec()
        .expect("cargo metadata runs")
}

fn host() -> String {
    let version = Command::new("rustc").arg("-vV").output().expect("rustc runs").stdout;
    let version = String::from_utf8(version).expect("rustc writes text");
    version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc tells its host").to_owned()
}

//! The arrows between the crates: they point down only, and what names no executor does not reach one. Every crate of
//! the workspace has its place here, so that a new one cannot go unseen.

use std::collections::{BTreeSet, HashSet};

use cargo_metadata::{DependencyKind, Metadata};

use super::workspace::{metadata, reached_by};

const EXECUTORS: [&str; 6] = ["async-executor", "async-global-executor", "async-io", "async-std", "smol", "tokio"];

/// Where a crate stands, and what it may reach.
enum Layer {
    /// In the library: reaches exactly these crates of ours, and no executor.
    Neutral(&'static [&'static str]),
    /// A backend: reaches the core alone, and these executors.
    Backend(&'static [&'static str]),
    /// Above the library, where an executor may be named.
    Above,
}

/// Every crate of the workspace, from below to above.
const CRATES: &[(&str, Layer)] = &[
    ("otp-macros", Layer::Neutral(&[])),
    ("otp-core", Layer::Neutral(&[])),
    ("otp-etf", Layer::Neutral(&[])),
    ("otp-behaviour", Layer::Neutral(&["otp-core"])),
    ("otp-genserver", Layer::Neutral(&["otp-core", "otp-behaviour"])),
    ("otp-supervisor", Layer::Neutral(&["otp-core", "otp-behaviour", "otp-genserver"])),
    ("otp-statem", Layer::Neutral(&["otp-core", "otp-behaviour", "otp-genserver", "otp-supervisor"])),
    ("otp-event", Layer::Neutral(&["otp-core", "otp-behaviour", "otp-genserver", "otp-supervisor"])),
    ("otp-task", Layer::Neutral(&["otp-core", "otp-behaviour", "otp-genserver", "otp-supervisor"])),
    (
        "otp-config",
        Layer::Neutral(&["otp-core", "otp-behaviour", "otp-genserver", "otp-supervisor", "otp-application"]),
    ),
    (
        "otp-health",
        Layer::Neutral(&[
            "otp-core",
            "otp-behaviour",
            "otp-genserver",
            "otp-supervisor",
            "otp-application",
            "otp-http",
        ]),
    ),
    ("otp-application", Layer::Neutral(&["otp-core", "otp-behaviour", "otp-genserver", "otp-supervisor"])),
    ("otp-http", Layer::Neutral(&["otp-core", "otp-behaviour", "otp-genserver", "otp-supervisor"])),
    ("otp-registry", Layer::Neutral(&["otp-core", "otp-behaviour", "otp-genserver", "otp-supervisor"])),
    ("otp-table", Layer::Neutral(&["otp-core", "otp-behaviour", "otp-genserver", "otp-supervisor"])),
    (
        "otp-dist",
        Layer::Neutral(&["otp-core", "otp-etf", "otp-behaviour", "otp-genserver", "otp-supervisor", "otp-registry"]),
    ),
    (
        "otp-telemetry",
        Layer::Neutral(&[
            "otp-core",
            "otp-behaviour",
            "otp-genserver",
            "otp-supervisor",
            "otp-etf",
            "otp-dist",
            "otp-event",
            "otp-application",
            "otp-health",
            "otp-http",
            "otp-registry",
            "otp-table",
        ]),
    ),
    ("otp-test", Layer::Neutral(&["otp-core", "otp-behaviour", "otp-genserver", "otp-supervisor"])),
    (
        "otp-observer",
        Layer::Neutral(&[
            "otp-core",
            "otp-behaviour",
            "otp-genserver",
            "otp-supervisor",
            "otp-registry",
            "otp-table",
            "otp-health",
            "otp-http",
            "otp-application",
        ]),
    ),
    ("otp-runtime-test", Layer::Neutral(&["otp-core"])),
    ("otp-sim", Layer::Backend(&[])),
    ("otp-smol", Layer::Backend(&["async-executor", "async-io", "smol"])),
    ("otp-tokio", Layer::Backend(&["tokio"])),
    ("async-otp", Layer::Above),
    ("otp-top", Layer::Above),
    ("otp-suite", Layer::Above),
    ("otp-conformance", Layer::Above),
    ("otp-dist-test", Layer::Above),
    ("bank-node", Layer::Above),
    ("chat", Layer::Above),
    ("cluster", Layer::Above),
    ("hot-reload", Layer::Above),
    ("hot-reload-abi", Layer::Neutral(&[])),
    ("hot-reload-plugin", Layer::Neutral(&["hot-reload-abi"])),
    ("kv-store", Layer::Above),
    ("observed", Layer::Above),
    ("quickstart", Layer::Above),
    ("sim-bank", Layer::Above),
    ("prometheus", Layer::Above),
    ("ticker", Layer::Above),
    ("traces", Layer::Above),
    ("web-sessions", Layer::Above),
    ("vending", Layer::Above),
    ("worker-pool", Layer::Above),
];

#[test]
fn every_crate_of_the_workspace_has_its_place() {
    let metadata = metadata();
    let members: BTreeSet<_> = metadata.workspace_packages().iter().map(|package| package.name.as_str()).collect();
    let known: BTreeSet<_> = CRATES.iter().map(|(name, _)| *name).collect();
    assert_eq!(members, known, "the crates of the workspace, and those with a place in CRATES");
}

#[test]
fn arrows_point_down_only() {
    let metadata = metadata();
    for (name, place) in CRATES {
        let below = match place {
            Layer::Neutral(below) => *below,
            Layer::Backend(_) => &["otp-core"],
            Layer::Above => continue,
        };
        let reached = names_reached_by(&metadata, name);
        let ours = CRATES.iter().map(|(name, _)| *name).filter(|name| reached.contains(*name));
        assert_eq!(ours.collect::<BTreeSet<_>>(), below.iter().copied().collect(), "what {name} depends on");
    }
}

#[test]
fn only_a_backend_reaches_an_executor() {
    let metadata = without_channels(&metadata());
    for (name, place) in CRATES {
        let allowed = match place {
            Layer::Neutral(_) => &[][..],
            Layer::Backend(executors) => *executors,
            Layer::Above => continue,
        };
        let reached = names_reached_by(&metadata, name);
        let executors: Vec<_> = EXECUTORS.into_iter().filter(|executor| reached.contains(*executor)).collect();
        assert_eq!(executors, allowed, "the executors that {name} reaches");
    }
}

/// hyper uses tokio's channels: the feature `sync`, which runs nothing, and works on any executor.
#[test]
fn the_http_server_takes_nothing_but_channels_from_tokio() {
    let metadata = metadata();
    let hyper = metadata.packages.iter().find(|package| package.name == "hyper").expect("the server is built on it");
    let tokio = hyper.dependencies.iter().find(|dependency| dependency.name == "tokio" && is_built_in(dependency.kind));
    assert_eq!(tokio.map(|tokio| &tokio.features[..]), Some(&["sync".to_owned()][..]));
}

fn is_built_in(kind: DependencyKind) -> bool {
    kind != DependencyKind::Development
}

/// The workspace without what hyper needs of tokio.
fn without_channels(metadata: &Metadata) -> Metadata {
    let mut metadata = metadata.clone();
    let hyper: HashSet<_> =
        metadata.packages.iter().filter(|package| package.name == "hyper").map(|package| package.id.clone()).collect();
    let nodes = metadata.resolve.iter_mut().flat_map(|resolve| &mut resolve.nodes);
    nodes
        .filter(|node| hyper.contains(&node.id))
        .for_each(|node| node.deps.retain(|dependency| dependency.name != "tokio"));
    metadata
}

fn names_reached_by<'a>(metadata: &'a Metadata, name: &str) -> HashSet<&'a str> {
    reached_by(metadata, name).into_iter().map(|package| package.name.as_str()).collect()
}

//! Every crate that is published has what the registry, docs.rs and its readers expect, and can be packaged.

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, Package};

use super::workspace::{compiled_for, metadata, reached_by};

/// What may stand in a licence's place; all of them can be part of a program that is not free.
const LICENCES: [&str; 14] = [
    "(MIT OR Apache-2.0) AND Unicode-3.0",
    "Apache-2.0",
    // `ring`, `rustls` and parts of it.
    "Apache-2.0 AND ISC",
    "Apache-2.0 OR ISC OR MIT",
    "ISC",
    "Apache-2.0 OR MIT",
    "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
    "BSD-2-Clause OR Apache-2.0 OR MIT",
    // `subtle`.
    "BSD-3-Clause",
    "MIT",
    "MIT OR Apache-2.0",
    // The same, as it was written once.
    "MIT/Apache-2.0",
    "Unlicense OR MIT",
    "Zlib",
];

#[test]
fn every_published_crate_says_what_it_is_and_under_which_licence() {
    for package in published() {
        let name = &package.name;
        let folder = package.manifest_path.parent().expect("a manifest is in a folder");
        assert!(package.description.as_ref().is_some_and(|text| text.ends_with('.')), "{name} has no description");
        assert_eq!(package.license.as_deref(), Some("MIT OR Apache-2.0"), "the licence of {name}");
        for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
            assert!(folder.join(licence).is_file(), "{name} has no {licence}");
        }
        assert!(package.readme().is_some_and(|readme| readme.is_file()), "{name} has no README");
        assert!((1..=5).contains(&package.keywords.len()), "{name} has from one to five keywords");
        assert!(package.keywords.iter().all(|word| word.len() <= 20), "a keyword of {name} is too long");
        assert!((1..=5).contains(&package.categories.len()), "{name} has from one to five categories");
    }
}

#[test]
fn the_docs_of_every_published_crate_are_built_with_all_features_and_their_badges() {
    for package in published() {
        let docs = &package.metadata["docs"]["rs"];
        assert_eq!(docs["all-features"], true, "{}", package.name);
        assert_eq!(docs["rustdoc-args"], serde_json::json!(["--cfg", "docsrs"]), "{}", package.name);
    }
}

/// Otherwise the circles among them would keep the crates from being published.
#[test]
fn what_a_crate_needs_of_ours_for_its_tests_alone_it_names_by_path_alone() {
    for package in published() {
        for dependency in &package.dependencies {
            let is_for_tests = dependency.kind == DependencyKind::Development && dependency.path.is_some();
            let says = dependency.req.to_string();
            assert!(!is_for_tests || says == "*", "{} asks for {} {says}", package.name, dependency.name);
        }
    }
}

#[test]
fn what_users_build_has_free_licences_and_comes_from_the_registry_once() {
    let metadata = metadata();
    let mut versions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let compiled = compiled_for("async-otp");
    for package in reached_by(&metadata, "async-otp") {
        // Cargo's metadata also has what a feature names in case that another one enables it.
        if !compiled.contains(&format!("{} v{}", package.name, package.version)) {
            continue;
        }
        let name = package.name.as_str();
        let licence = package.license.as_deref().unwrap_or("none");
        assert!(LICENCES.contains(&licence), "the licence of {name} is {licence}");
        assert!(package.source.as_ref().is_none_or(|source| source.is_crates_io()), "where {name} comes from");
        versions.entry(name).or_default().push(package.version.to_string());
    }
    versions.retain(|_, versions| versions.len() > 1);
    assert!(versions.is_empty(), "compiled twice: {versions:?}");
}

fn published() -> Vec<Package> {
    let metadata = metadata();
    let published = metadata.workspace_packages().into_iter().filter(|package| package.publish.is_none());
    published.cloned().collect()
}

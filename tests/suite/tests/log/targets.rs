//! The targets of all records are listed in docs/logging.md.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// What stands between quotation marks after each `start`.
fn quoted<'a>(text: &'a str, start: &str, end: char) -> BTreeSet<&'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split(end).next()).collect()
}

#[test]
fn every_record_has_a_public_target_that_the_docs_list() {
    let mut files = Vec::new();
    for member in fs::read_dir(root().join("crates")).unwrap() {
        sources(&member.unwrap().path().join("src"), &mut files);
    }
    let mut used = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for level in ["error", "warn", "info", "debug", "trace"] {
            for record in text.split(&format!("tracing::{level}!(")).skip(1) {
                let target = record.trim_start().strip_prefix("target: \"").and_then(|rest| rest.split('"').next());
                let target = target.unwrap_or_else(|| panic!("a record in {} has no target", file.display()));
                assert!(target.starts_with("otp::"), "{target}, in {}", file.display());
                used.insert(target.to_owned());
            }
        }
    }
    let docs = fs::read_to_string(root().join("docs/logging.md")).unwrap();
    let listed: BTreeSet<String> =
        quoted(&docs, "\n| `otp::", '`').into_iter().map(|name| format!("otp::{name}")).collect();
    assert_eq!(used, listed);
    assert!(used.len() >= 5, "the look at the sources finds them: {used:?}");
}

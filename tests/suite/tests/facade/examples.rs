//! The examples in the docs speak of `otp`, as the programs of those who read them do.

use std::path::{Path, PathBuf};

/// Whoever writes a backend depends on this crate itself, and on otp-core.
const NOT_IN_THE_FACADE: &str = "otp-runtime-test";

#[test]
fn no_example_in_the_docs_names_a_crate_that_its_reader_does_not_depend_on() {
    let mut found = Vec::new();
    let mut examples = 0;
    for file in sources() {
        let text = std::fs::read_to_string(&file).expect("a source is text");
        for (number, line) in lines_of_examples(&text) {
            examples += 1;
            if line.contains("otp_") {
                found.push(format!("{}:{number}: {line}", file.display()));
            }
        }
    }
    assert!(found.is_empty(), "use what `otp` has of it:\n{}", found.join("\n"));
    assert!(examples > 500, "only {examples} lines of examples were seen");
}

/// The lines between fences in the doc comments of a source, with their numbers.
fn lines_of_examples(text: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut lines = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let line = line.trim_start();
        let Some(doc) = line.strip_prefix("///").or_else(|| line.strip_prefix("//!")) else {
            inside = false;
            continue;
        };
        if doc.trim_start().starts_with("```") {
            inside = !inside;
        } else if inside {
            lines.push((number + 1, doc));
        }
    }
    lines
}

/// The sources of the crates whose docs are part of the facade's.
fn sources() -> Vec<PathBuf> {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates");
    let mut folders: Vec<_> = entries(&crates).into_iter().filter(|path| !path.ends_with(NOT_IN_THE_FACADE)).collect();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(path);
            }
        }
    }
    sources
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    entries.map(|entry| entry.expect("the folder can be read").path()).collect()
}

//! Which rules of `SPEC.md` no scenario and no test names.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::language::{LoadError, Loaded};

/// A rule of `SPEC.md`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its number, such as `SIG-8`.
    pub id: String,
    /// The number of its section.
    pub section: u32,
    /// Its text, on one line.
    pub text: String,
}

/// Which rules are named, and which are not.
#[derive(Clone, Debug, Default)]
pub struct Coverage {
    /// Named by a scenario or a test.
    pub named: Vec<Rule>,
    /// Named by none.
    pub unnamed: Vec<Rule>,
    /// What scenarios name and `SPEC.md` does not have.
    pub unknown: Vec<String>,
}

/// Why the rules could not be looked for.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RulesError {
    /// A file or a directory cannot be read.
    #[error("{}: {error}", path.display())]
    Read {
        /// The path.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A scenario is not valid.
    #[error(transparent)]
    Load(#[from] LoadError),
}

/// The sections whose rules the library has to keep: processes, servers, supervisors, registries, tasks, agents, partitions,
/// machines, event managers, groups, sys.
fn is_ours(section: u32) -> bool {
    matches!(section, 1..=15 | 17..=20)
}

/// Looks for the rules in the scenarios of some directories and in the tests below others.
///
/// # Errors
///
/// [`RulesError`].
pub fn coverage(spec: &str, scenarios: &[PathBuf], sources: &[PathBuf]) -> Result<Coverage, RulesError> {
    let rules = rules_of(spec);
    let mut named = BTreeSet::new();
    for folder in scenarios {
        for file in files_below(folder, "json")? {
            if let Loaded::Scenario(scenario) = Loaded::from_file(&file)? {
                named.extend(scenario.rules);
            }
        }
    }
    let all: BTreeSet<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
    let unknown = named.iter().filter(|id| !all.contains(id.as_str())).cloned().collect();
    for source in sources {
        for file in files_below(source, "rs")? {
            named.extend(named_in_tests(&read(&file)?).map(str::to_owned));
        }
    }
    let (named, unnamed) =
        rules.into_iter().filter(|rule| is_ours(rule.section)).partition(|rule| named.contains(&rule.id));
    Ok(Coverage { named, unnamed, unknown })
}

/// The rules of `SPEC.md`: `- **SIG-1** text`, below `## 2. Title`.
fn rules_of(spec: &str) -> Vec<Rule> {
    let mut section = 0;
    let mut rules = Vec::new();
    for line in spec.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            section = title.split('.').next().and_then(|number| number.parse().ok()).unwrap_or(0);
        } else if let Some((id, text)) = line.strip_prefix("- **").and_then(|rest| rest.split_once("** ")) {
            rules.push(Rule { id: id.to_owned(), section, text: text.to_owned() });
        }
    }
    rules
}

/// The words in the comments of a file with tests that may be rules.
fn named_in_tests(source: &str) -> impl Iterator<Item = &str> {
    let is_test = source.contains("test]");
    let comments = source.lines().filter(move |_| is_test).filter_map(|line| line.split_once("//"));
    comments.flat_map(|(_, comment)| comment.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')))
}

fn files_below(path: &Path, extension: &str) -> Result<Vec<PathBuf>, RulesError> {
    let failed = |error| RulesError::Read { path: path.to_owned(), error };
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() {
            files.extend(files_below(&path, extension)?);
        } else if path.extension().is_some_and(|its| its == extension) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<String, RulesError> {
    fs::read_to_string(path).map_err(|error| RulesError::Read { path: path.to_owned(), error })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_found_with_their_sections() {
        let rules = rules_of("## 2. Links\n- **SIG-1** Rows 1, 5.\ntext\n## 20. sys\n- **SYS-1** get_state\n");
        let ids: Vec<(&str, u32)> = rules.iter().map(|rule| (rule.id.as_str(), rule.section)).collect();
        assert_eq!(ids, [("SIG-1", 2), ("SYS-1", 20)]);
    }

    #[test]
    fn a_comment_in_a_file_with_tests_names_rules() {
        let source = "#[otp::test]\n// SIG-8, MON-1: both\nasync fn test() {}\n";
        let named: Vec<&str> = named_in_tests(source).filter(|word| word.contains('-')).collect();
        assert_eq!(named, ["SIG-8", "MON-1"]);
        assert_eq!(named_in_tests("// SIG-8\nfn body() {}").count(), 0);
    }
}

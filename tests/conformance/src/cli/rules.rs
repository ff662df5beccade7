use std::path::Path;
use std::process::ExitCode;

use otp_conformance::rules::coverage;

use super::{complain, say};

const SPEC: &str = include_str!("../../SPEC.md");

/// Prints the rules that no scenario and no test of the project names.
pub(super) fn execute() -> ExitCode {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let project = home.ancestors().nth(2).unwrap_or(home);
    let sources = ["crates", "tests", "examples"].map(|folder| project.join(folder));
    let scenarios = ["scenarios", "own/scenarios"].map(|folder| home.join(folder));
    let coverage = match coverage(SPEC, &scenarios, &sources) {
        Ok(coverage) => coverage,
        Err(error) => return complain(&error),
    };
    for rule in &coverage.unnamed {
        say(&format!("{} {}\n", rule.id, rule.text));
    }
    for id in &coverage.unknown {
        say(&format!("{id} is named by a scenario, but is no rule\n"));
    }
    let all = coverage.named.len() + coverage.unnamed.len();
    say(&format!("{} of {all} rules are named by a scenario or a test\n", coverage.named.len()));
    ExitCode::SUCCESS
}

use std::path::Path;
use std::process::ExitCode;

use otp_conformance::{Backend, Deviations, Loaded, Suite, Tally, Verdict};

use super::command::Scenarios;
use super::{complain, say};

pub(super) fn execute(wanted: Scenarios) -> ExitCode {
    match wanted.golden.clone() {
        None => print(&wanted),
        Some(golden) => check(wanted, &golden),
    }
}

fn print(wanted: &Scenarios) -> ExitCode {
    for backend in &wanted.backends {
        for file in &wanted.files {
            match trace(file, *backend) {
                Ok(trace) => say(&trace),
                Err(error) => return complain(&error),
            }
        }
    }
    ExitCode::SUCCESS
}

fn trace(file: &Path, backend: Backend) -> Result<String, String> {
    match Loaded::from_file(file).map_err(|error| error.to_string())? {
        Loaded::Scenario(scenario) => backend.trace(&scenario).map_err(|error| format!("{}: {error}", file.display())),
        Loaded::Skipped { name, tag } => {
            // The words of the format are in this order, not in that of the canonical form.
            Ok(format!("{{\"skipped\":{},\"scenario\":{}}}\n", quoted(&tag), quoted(&name)))
        }
    }
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn check(wanted: Scenarios, golden: &Path) -> ExitCode {
    let deviations = match wanted.deviations.as_deref().map(Deviations::from_file).transpose() {
        Ok(deviations) => deviations.unwrap_or_default(),
        Err(error) => return complain(&error),
    };
    let suite = Suite { files: wanted.files, golden: golden.to_owned(), deviations };
    let mut all = Tally::default();
    for backend in wanted.backends {
        let tally = suite.check(backend, |file, verdict| report(file, backend, verdict));
        all = Tally {
            passed: all.passed + tally.passed,
            failed: all.failed + tally.failed,
            skipped: all.skipped + tally.skipped,
        };
    }
    say(&format!("{all}\n"));
    if all.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn report(file: &Path, backend: Backend, verdict: &Verdict) {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    match verdict {
        Verdict::Passed => {}
        Verdict::Failed(why) => say(&format!("FAILED {name} on {}: {why}\n", backend.name())),
        Verdict::Skipped(why) => say(&format!("skipped {name}: {why}\n")),
    }
}

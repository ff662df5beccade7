use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::deviations::Deviations;
use crate::backend::Backend;
use crate::language::Loaded;
use crate::trace::first_difference;

/// Scenario files, and where their golden traces are.
#[derive(Clone, Debug)]
pub struct Suite {
    /// The scenario files.
    pub files: Vec<PathBuf>,
    /// The directory of the golden traces.
    pub golden: PathBuf,
    /// What is known to differ.
    pub deviations: Deviations,
}

/// How the comparison of one scenario went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The traces are the same.
    Passed,
    /// They are not, or there is none; the text says where, or why.
    Failed(String),
    /// It was not run, or differs as expected; the text says why.
    Skipped(String),
}

/// How many scenarios went how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The same as the golden trace.
    pub passed: usize,
    /// Not the same.
    pub failed: usize,
    /// Not run, or different as expected.
    pub skipped: usize,
}

impl Suite {
    /// All scenarios of a directory.
    ///
    /// # Errors
    ///
    /// If the directory cannot be read.
    pub fn of_directory(scenarios: &Path, golden: &Path, deviations: Deviations) -> std::io::Result<Suite> {
        let entries = std::fs::read_dir(scenarios)?.map(|entry| entry.map(|entry| entry.path()));
        let mut files = entries.collect::<Result<Vec<_>, _>>()?;
        files.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
        files.sort();
        Ok(Suite { files, golden: golden.to_owned(), deviations })
    }

    /// Checks all scenarios, a few at a time: most of their time they wait. `report` is told of each one.
    pub fn check(&self, backend: Backend, report: impl Fn(&Path, &Verdict) + Sync) -> Tally {
        let (next, tally) = (AtomicUsize::new(0), Mutex::new(Tally::default()));
        std::thread::scope(|scope| {
            for _ in 0..AT_A_TIME.min(self.files.len()) {
                scope.spawn(|| {
                    while let Some(file) = self.files.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let verdict = self.check_one(file, backend);
                        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                        tally.add(&verdict);
                        report(file, &verdict);
                    }
                });
            }
        });
        tally.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs one scenario and compares its trace with the golden one.
    pub fn check_one(&self, file: &Path, backend: Backend) -> Verdict {
        let scenario = match Loaded::from_file(file) {
            Ok(Loaded::Scenario(scenario)) => scenario,
            Ok(Loaded::Skipped { tag, .. }) => return Verdict::Skipped(format!("it needs {tag}")),
            Err(error) => return Verdict::Failed(error.to_string()),
        };
        let golden = self.golden.join(file.file_stem().unwrap_or_default()).with_extension("jsonl");
        let golden = match std::fs::read_to_string(&golden) {
            Ok(golden) => golden,
            Err(error) => return Verdict::Failed(format!("{}: {error}", golden.display())),
        };
        let difference = match backend.trace(&scenario) {
            Ok(trace) => first_difference(&golden, &trace).map(|difference| difference.to_string()),
            Err(error) => Some(error.to_string()),
        };
        match (difference, self.deviations.reason(&scenario.name)) {
            (None, None) => Verdict::Passed,
            (None, Some(_)) => {
                Verdict::Failed("it is listed as a deviation, but agrees with the golden trace".to_owned())
            }
            (Some(difference), None) => Verdict::Failed(difference),
            (Some(_), Some(reason)) => Verdict::Skipped(format!("it deviates as expected: {reason}")),
        }
    }
}

/// How many scenarios run at the same time.
const AT_A_TIME: usize = 16;

impl Tally {
    /// Counts one more.
    pub fn add(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed(_) => self.failed += 1,
            Verdict::Skipped(_) => self.skipped += 1,
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

use std::path::{Path, PathBuf};

use serde_json::Value;

/// Scenarios whose traces are known to differ from the golden ones, each with a reason. The golden files stay as the
/// BEAM wrote them.
#[derive(Clone, Debug, Default)]
pub struct Deviations {
    all: Vec<Deviation>,
}

/// One scenario whose trace is known to differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// The name of the scenario.
    pub scenario: String,
    /// Why it differs.
    pub reason: String,
}

/// Why the list of deviations cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeviationsError {
    /// It cannot be read.
    #[error("{}: {error}", file.display())]
    Read {
        /// The file.
        file: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is not JSON.
    #[error("{}: not JSON: {error}", file.display())]
    Json {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        error: serde_json::Error,
    },
    /// It is no list of objects with the keys `scenario` and `reason`.
    #[error("{}: entry {entry}: an object with the strings \"scenario\" and \"reason\" is wanted", file.display())]
    Entry {
        /// The file.
        file: PathBuf,
        /// Which entry, from 1.
        entry: usize,
    },
}

impl Deviations {
    /// Reads a list: a JSON array of objects with the keys `scenario` and `reason`.
    ///
    /// # Errors
    ///
    /// [`DeviationsError`].
    pub fn from_file(file: &Path) -> Result<Deviations, DeviationsError> {
        let at = || file.to_owned();
        let text = std::fs::read_to_string(file).map_err(|error| DeviationsError::Read { file: at(), error })?;
        let list: Vec<Value> =
            serde_json::from_str(&text).map_err(|error| DeviationsError::Json { file: at(), error })?;
        let one = |(value, entry): (&Value, usize)| {
            let text = |key| value.get(key).and_then(Value::as_str).map(str::to_owned);
            match (text("scenario"), text("reason")) {
                (Some(scenario), Some(reason)) => Ok(Deviation { scenario, reason }),
                _ => Err(DeviationsError::Entry { file: at(), entry }),
            }
        };
        Ok(Deviations { all: list.iter().zip(1..).map(one).collect::<Result<_, _>>()? })
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Deviation> {
        self.all.iter()
    }

    /// Why the trace of a scenario is known to differ, if it is.
    pub fn reason(&self, scenario: &str) -> Option<&str> {
        self.all.iter().find(|deviation| deviation.scenario == scenario).map(|deviation| deviation.reason.as_str())
    }
}

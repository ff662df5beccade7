use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use otp_core::scope::BlockingError;
use thiserror::Error;

use crate::key::{Key, shortened};
use crate::origin::Origin;

/// Why [`Config::read`](crate::Config::read) or [`Config::load`](crate::Config::load) has no configuration.
#[derive(Clone, Debug, Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The command line asks for help, or for the version. This is the text.
    #[error("{0}")]
    Help(String),
    /// The configuration is wrong. Each problem is a line of the text.
    #[error("{0}")]
    Wrong(Problems),
    /// The job that reads the configuration has panicked, in code of the configuration's type or of its
    /// [check](crate::Config::check), or was not run.
    #[error("cannot read the configuration: {0}")]
    NotRun(#[from] BlockingError),
}

impl LoadError {
    /// The problems; none if the configuration could not be read for another reason.
    pub fn problems(&self) -> &[Problem] {
        match self {
            LoadError::Wrong(problems) => &problems.0,
            _ => &[],
        }
    }

    /// The exit code of a program that ends with this: 0 after help, otherwise 2, as of a command line that makes no sense.
    pub fn exit_code(&self) -> u8 {
        match self {
            LoadError::Help(_) => 0,
            _ => 2,
        }
    }

    /// Writes what there is to say, for a `main` that ends with the returned exit code: help to standard output, problems
    /// to standard error, each with the program's name.
    pub fn report(&self, program: &str) -> ExitCode {
        // Who reads may be gone.
        let _ = match self {
            LoadError::Help(text) => io::stdout().write_all(text.as_bytes()),
            _ => {
                let lines: Vec<_> = self.to_string().lines().map(|line| format!("{program}: {line}\n")).collect();
                io::stderr().write_all(lines.concat().as_bytes())
            }
        };
        ExitCode::from(self.exit_code())
    }
}

/// The problems of a configuration: all that could be found at once. In the order of the sources, and of the keys.
#[derive(Clone, Debug, PartialEq)]
pub struct Problems(pub(crate) Vec<Problem>);

impl Problems {
    /// Iterates over the problems; there is at least one.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.0.iter().enumerate() {
            write!(f, "{}{problem}", if place == 0 { "" } else { "\n" })?;
        }
        Ok(())
    }
}

/// One thing that is wrong with a configuration. Its text names the source: file, line and column; variable; or option.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Problem {
    /// A file cannot be read.
    #[non_exhaustive]
    Unreadable {
        /// Its path, as it was given.
        path: PathBuf,
        /// What kind of error it is.
        kind: io::ErrorKind,
        /// What the operating system says.
        reason: String,
    },
    /// A file is not TOML.
    #[non_exhaustive]
    Syntax {
        /// Where.
        origin: Origin,
        /// What the parser says.
        reason: String,
    },
    /// There is no such key, variable or option.
    #[non_exhaustive]
    Unknown {
        /// Where it is given.
        origin: Origin,
        /// The key; `None` for a variable and an option.
        key: Option<Key>,
        /// The known one that is most like it.
        nearest: Option<String>,
    },
    /// A value is not what its key takes.
    #[non_exhaustive]
    Invalid {
        /// Where it is given.
        origin: Origin,
        /// The key.
        key: Key,
        /// Why.
        reason: String,
    },
    /// A key has no default, and is given nowhere.
    #[non_exhaustive]
    Missing {
        /// The key.
        key: Key,
        /// Its environment variable, if the environment is read.
        variable: Option<String>,
        /// Its option, if the command line is read.
        option: Option<String>,
    },
    /// An argument of the command line makes no sense where it stands.
    #[non_exhaustive]
    Argument {
        /// Why.
        reason: String,
    },
    /// All values are well formed, and the [check](crate::Config::check) has refused them.
    #[non_exhaustive]
    Refused {
        /// Why.
        reason: String,
    },
}

impl Problem {
    pub(crate) fn unreadable(path: &Arc<std::path::Path>, error: &io::Error) -> Problem {
        Problem::Unreadable { path: path.to_path_buf(), kind: error.kind(), reason: error.to_string() }
    }

    pub(crate) fn unknown(origin: Origin, key: Option<Key>, nearest: Option<String>) -> Problem {
        Problem::Unknown { origin, key, nearest }
    }

    pub(crate) fn invalid(origin: Origin, key: Key, reason: impl fmt::Display) -> Problem {
        Problem::Invalid { origin, key, reason: reason.to_string() }
    }

    pub(crate) fn argument(reason: impl fmt::Display) -> Problem {
        Problem::Argument { reason: reason.to_string() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Unreadable { path, reason, .. } => write!(f, "{}: cannot be read: {reason}", path.display()),
            Problem::Syntax { origin, reason } => write!(f, "{origin}: {reason}"),
            Problem::Unknown { origin, key, nearest } => {
                match key {
                    Some(key) => write!(f, "{origin}: unknown key `{key}`")?,
                    None => write!(f, "unknown {origin}")?,
                }
                nearest.as_ref().map_or(Ok(()), |nearest| write!(f, "; did you mean `{nearest}`?"))
            }
            // The name of a variable or an option says which key it is.
            Problem::Invalid { origin: Origin::Variable(name), reason, .. } => {
                write!(f, "environment variable {name}: {reason}")
            }
            Problem::Invalid { origin: Origin::Option(name), reason, .. } => write!(f, "option {name}: {reason}"),
            Problem::Invalid { origin, key, reason } if key.is_root() => write!(f, "{origin}: {reason}"),
            Problem::Invalid { origin, key, reason } => write!(f, "{origin}: `{key}`: {reason}"),
            Problem::Missing { key, variable, option } => {
                write!(f, "no value for `{key}`")?;
                match (variable, option) {
                    (Some(variable), Some(option)) => {
                        write!(f, ": set it in the file, as {variable}, or with {option}")
                    }
                    (Some(variable), None) => write!(f, ": set it in the file, or as {variable}"),
                    (None, Some(option)) => write!(f, ": set it in the file, or with {option}"),
                    (None, None) => Ok(()),
                }
            }
            Problem::Argument { reason } => f.write_str(reason),
            Problem::Refused { reason } => write!(f, "the configuration is refused: {reason}"),
        }
    }
}

/// A text of the command line or the environment, as it is shown in errors: on one line, and not too long.
pub(crate) fn quoted(text: &str) -> String {
    format!("{:?}", shortened(text))
}

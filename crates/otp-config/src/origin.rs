use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where a value of the configuration comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Origin {
    /// The [defaults](crate::Config::defaults) of the program.
    Defaults,
    /// A file.
    #[non_exhaustive]
    File {
        /// Its path, as it was given.
        path: Arc<Path>,
        /// The line, from 1.
        line: usize,
        /// The column, in characters, from 1.
        column: usize,
    },
    /// An environment variable, by its name.
    Variable(Arc<str>),
    /// An option of the command line, with its dashes.
    Option(Arc<str>),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Defaults => f.write_str("defaults"),
            Origin::File { path, line, column } => write!(f, "{}:{line}:{column}", path.display()),
            Origin::Variable(name) => write!(f, "environment variable {name}"),
            Origin::Option(name) => write!(f, "option {name}"),
        }
    }
}

//! Names: register a process, and find it by name, also after a restart.

mod awaited;
mod error;
mod names;
mod register;
mod typed;

pub use error::{LookupError, NameError, WrongType};
pub(crate) use names::{Names, Registered};
pub use typed::Name;

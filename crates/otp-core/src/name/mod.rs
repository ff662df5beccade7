//! Names: a process can be found under one, and whoever uses the name finds its successor after a restart.

mod error;
mod names;
mod register;
mod typed;

pub use error::{LookupError, NameError, WrongType};
pub(crate) use names::{Names, Registered};
pub use typed::Name;

//! Why a process ended: [`ExitReason`], and what it carries.

mod crash;
mod reason;
mod term;

pub(crate) use crash::install_panic_hook;
pub use crash::{Crash, Place};
pub use reason::{ExitReason, IntoExit};
pub use term::Term;

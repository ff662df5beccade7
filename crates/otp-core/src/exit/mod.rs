//! Exit reasons: why a process ended, and the values in a reason.

mod contain;
mod crash;
mod kept;
mod reason;
mod show;
mod term;
mod text;

pub use contain::{Contained, contain, contain_future};
pub(crate) use contain::{Leaving, contain_process};
pub use crash::{Crash, Place, silence_panics};
pub(crate) use crash::{install_panic_hook, panics_are_silent};
pub use reason::{ExitReason, IntoExit};
pub use term::{Term, Value};
pub use text::{cut, shown};

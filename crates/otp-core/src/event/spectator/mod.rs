//! Spectators: what happens too often to be an event.
//!
//! | file | idea |
//! |---|---|
//! | `watching` | the trait, and how a system gets a spectator |
//! | `seats` | the spectators of a system |
//! | `seen` | what they are shown |
//! | `note` | what is put beside a message, so that they know it again when it is received |
//! | `open` | the span of what a process does now |
//! | `run` | the runs of a process that has spectators |
//!
//! A process knows in one byte whether there are spectators, and none of this is reached if there are none. A message is
//! never larger: one with a note lies in the mailbox as a [deposit](crate::process::Deposit).

mod note;
mod open;
mod run;
mod seats;
mod seen;
mod watching;

pub(crate) use note::{Cause, Note};
pub(crate) use open::Open;
pub(crate) use seats::Seats;
pub use seen::{CallEnd, CallSeen, Handling, Seen};
pub use watching::{Spectator, SpectatorGuard};

//! What a mailbox does under load: its policy, and what it has dropped.
//!
//! | file | idea |
//! |---|---|
//! | `policy`, `key` | what an author asks for |
//! | `lanes` | the state of a mailbox with a policy: two bounded lanes in one queue; plain data, under the mailbox's lock |
//! | `admit` | the steps around it: user code runs before and after the lock is held, never under it |
//! | `send` | how a process reference sends to such a mailbox |
//! | `shed` | how a message is dropped so that its caller learns why |
//! | `figures`, `event` | what was dropped, counted and reported |
//!
//! A mailbox without a policy knows nothing of all this but one bit, which it tests anyway.

mod admit;
mod event;
mod figures;
mod key;
mod lanes;
mod policy;
mod send;
mod shed;
#[cfg(all(test, not(otp_loom)))]
mod tests;

pub use event::{LoadEvent, Overload};
pub use figures::LoadFigures;
pub use key::Key;
pub use policy::{Lane, MailboxPolicy, Overflow};

pub(super) use admit::LaneClaim;
pub(super) use lanes::{After, Lanes};
pub(crate) use shed::is_shedding;

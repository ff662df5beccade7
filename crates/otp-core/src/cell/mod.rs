//! What several threads reach without a lock, and the only unsafe code of the library.
//!
//! | file | idea | what makes it sound |
//! |---|---|---|
//! | `process` | the one allocation of a process | the run lock (`process::state`): one thread polls or ends it at a time |
//! | `body` | its future, which is made, polled and dropped in place | called with the run lock, inside an `Arc` |
//! | `offer` | a message that goes to a process without a queue | a pointer to the stack of a call that has not returned |
//! | `slot` | where the answer to a call is left | each value has one writer, and is announced by an atomic bit; the last holder frees it |
//! | `present` | which process the calling thread is polling | a pointer that is taken away before its borrow ends |
//!
//! The `models` of this crate try all interleavings of them.

mod body;
mod offer;
mod present;
mod process;
mod slot;

pub(crate) use body::Opaque;
pub(crate) use present::with_present;
pub(crate) use process::{Cell, Run};
pub(crate) use slot::{Answer, Caller, Token, Waiter, slot};

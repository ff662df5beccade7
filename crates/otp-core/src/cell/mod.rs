//! What several threads reach without a lock: all the unsafe code of the library, behind safe functions.
//!
//! It uses nothing of the crate but `sync`, so that it can be read, and judged, alone.
//!
//! | file | idea | what makes it sound |
//! |---|---|---|
//! | `state` | the state word of a process, with its run lock | safe code; every transition is one atomic operation |
//! | `allocation` | the one allocation of a process, in which its body stays | what is done to the body asks for the run lock |
//! | `body` | a process's future, which is made, polled and dropped in place | called with the run lock, inside an `Arc` |
//! | `offer` | a message that goes to a process without a queue | a pointer to the stack of a call that has not returned |
//! | `slot` | where the answer to a call is left | each value has one writer, and is announced by an atomic bit; the last holder frees it |
//! | `lent` | a reference that is lent to what runs on the same thread | a pointer that is taken away before its borrow ends |
//! | `words` | the address of a function | only addresses of such functions are written |
//!
//! The `models` of this crate try all interleavings of them.

mod allocation;
mod body;
mod lent;
mod offer;
mod slot;
mod state;
mod words;

pub(crate) use allocation::{Allocation, Head, Queue, concrete};
pub(crate) use body::Body;
pub(crate) use lent::{Lent, lend, with_lent};
pub(crate) use slot::{Answer, Caller, Token, Waiter, slot};
pub(crate) use state::{Begin, BeginInline, Held, Phase, Released, State};
pub(crate) use words::{AtomicWords, Words};

//! State that several threads access without a lock: all the unsafe code of the library, behind safe functions.
//!
//! This module uses nothing of the crate but `sync`, so that it can be read, and audited, alone.
//!
//! | file | idea | what makes it sound |
//! |---|---|---|
//! | `state` | the state word of a process, with its run lock | safe code; every transition is one atomic operation |
//! | `allocation` | the one allocation of a process, in which its body stays | access to the body needs the run lock |
//! | `body` | a process's future, which is made, polled and dropped in place | called with the run lock, inside an `Arc` |
//! | `offer` | a message that goes to a process without a queue | a pointer to the stack of a call that has not returned |
//! | `slot` | the place for the answer to a call | each value has one writer, and is published by an atomic bit; the last holder frees it |
//! | `lent` | a reference that is lent to code on the same thread | a pointer that is removed before its borrow ends |
//! | `parcel` | a value that was checked to be `Send` when the parcel was made | there is no other way to make one |
//! | `words` | the address of a function | only addresses of such functions are written |
//!
//! The `models` of this crate try all interleavings of them.

mod allocation;
mod body;
mod lent;
mod offer;
mod parcel;
mod slot;
mod state;
mod words;

pub(crate) use allocation::{Allocation, Front, Head, Queue, concrete};
pub(crate) use body::Body;
pub(crate) use lent::{Lent, lend, with_lent};
pub use parcel::Parcel;
pub(crate) use slot::{Answer, Caller, Token, Waiter, slot};
pub(crate) use state::{Begin, BeginInline, Held, Phase, Released, State};
pub(crate) use words::{AtomicWords, Words};

//! Processes: what they are made of, how they are started, how they are told things, and how they end.
//!
//! | file | idea |
//! |---|---|
//! | `cell` | the one allocation of a process; all unsafe code |
//! | `state` | the state word: run lock, wake-up, what overtakes the queue |
//! | `mailbox`, `context` | the two halves of the queue: the senders', the receiver's; `bound`, the line for room in it |
//! | `relations` | what ties a process to others, under one lock |
//! | `inline` | calls that run the callee on the caller's thread |
//! | `link`, `monitor` | exit signals and `Down`s |
//! | `alias` | an address of a process that can be switched off |
//! | `end` | what happens, in which order, when a process has ended |
//! | `process_ref`, `handle` | a process as others see it, and as it acts itself |

mod alias;
mod bound;
#[allow(unsafe_code, reason = "the one module that has any")]
mod cell;
mod context;
mod doing;
mod end;
mod handle;
mod header;
mod inline;
mod link;
mod mailbox;
mod message;
mod monitor;
mod pid;
mod process_ref;
mod relations;
mod spawn;
mod state;

pub use alias::{Alias, AliasMode};
pub use context::{MessageRef, ProcessContext};
pub use doing::Doing;
pub use handle::Process;
pub use link::LinkError;
pub use message::{Down, Exit, Message, Target};
pub use monitor::MonitorRef;
pub use pid::Pid;
pub use process_ref::{ProcessRef, SendError, Sending, TrySendError};
pub use spawn::{SpawnOptions, Spawned, Spawner};

pub(crate) use cell::{Run, with_present};
pub(crate) use header::{AnyProcess, BUDGET, Header};
pub(crate) use link::signal;
pub(crate) use relations::Waiter;
pub(crate) use spawn::{spawn, unnamed};

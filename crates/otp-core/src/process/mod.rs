//! Processes: what they are made of, how they are started, how they are told things, and how they end.
//!
//! | file | idea |
//! |---|---|
//! | `header` | what every process has, whatever its messages are |
//! | `cell` | the one allocation of a process: how it is run, and ended |
//! | `present` | which process the calling thread is polling |
//! | `shell` | how the executor is woken |
//! | `mailbox`, `context` | the two halves of the queue: the senders', the receiver's; `bound`, the line for room in it; `receive`, a wait for a message |
//! | `relations` | what ties a process to others, under one lock |
//! | `inline` | calls that run the callee on the caller's thread |
//! | `alarm` | the timer of a process, for all that it waits for |
//! | `link`, `links`, `monitor` | exit signals and `Down`s |
//! | `directed` | what a simulator sees of processes, and holds back |
//! | `alias` | an address of a process that can be switched off |
//! | `end` | what happens, in which order, when a process has ended |
//! | `process_ref`, `handle` | a process as others see it, and as it acts itself |

mod alarm;
mod alias;
mod bound;
mod cell;
mod context;
mod directed;
mod doing;
mod end;
mod handle;
mod header;
mod inline;
mod link;
mod links;
mod mailbox;
mod message;
mod monitor;
mod pid;
mod present;
mod process_ref;
mod receive;
mod relations;
mod shell;
mod spawn;
mod table;

pub use alias::{Alias, AliasMode};
pub use context::{Mark, MessageRef, ProcessContext};
pub use doing::Doing;
pub use handle::Process;
pub use link::LinkError;
pub use message::{Down, Exit, Message, Target};
#[doc(hidden)]
pub use message::{Mail, Signal};
pub use monitor::MonitorRef;
pub use pid::Pid;
pub use process_ref::{ProcessRef, SendError, Sending, TrySendError};
#[doc(hidden)]
pub use receive::Receive;
pub use spawn::{SpawnOptions, Spawned, Spawner};

pub(crate) use alarm::TimeLimit;
pub(crate) use cell::Run;
pub(crate) use header::{AnyProcess, BUDGET, Header};
pub(crate) use inline::has_to_wait;
#[cfg(all(test, otp_loom))]
pub(crate) use mailbox::Mailbox;
pub(crate) use present::with_present;
pub(crate) use relations::{Dropped, Relations};
pub(crate) use table::Table;

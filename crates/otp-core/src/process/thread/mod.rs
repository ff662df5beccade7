//! Processes that run on threads of their own, or on one of a few threads, and may block them.
//!
//! Such a process is the one that it is elsewhere: a task is polled, takes the run lock, and drops its state. Only that
//! nobody else polls it: its task is given to a thread, callers do not run it, and a process whose executor is gone is
//! ended by its thread.
//!
//! | file | idea |
//! |---|---|
//! | `threads` | where processes are placed |
//! | `pool` | the threads that are shared, and which process goes to which |
//! | `start` | a thread that ends with its work, or with the executor |
//! | `local` | a value that does not leave its thread |
//! | `report` | what is told of a process that was to end, and whose code goes on |

mod local;
mod pool;
mod report;
mod start;
mod threads;

pub(crate) use report::PATIENCE;
pub(super) use report::watch_end;

pub use local::Local;
pub use report::ThreadEvent;
pub use threads::Threads;

//! Tasks: processes that compute one value.
//!
//! * [`Task`] starts a process for a future, and gives its value to whoever started it: Elixir's `Task`.
//! * [`TaskSupervisor`] is the supervisor of tasks that outlive a crash of their owner, or that are restarted.
//! * [`stream`] runs a function for many items, a few at a time, as a stream of results.
//! * [`Retry`] runs an operation again after a failure.
//! * [`SpawnTask`] starts the tasks of a server, whose outcome comes back as a message of the server's own type.
//! * [`Agent`] holds a value behind closures.
//!
//! A task is a process: it has a pid and a label, it can be linked, monitored and looked at, and a panic in it ends it and
//! nothing else. Its value reaches the owner through the handle, never through the mailbox of the owner.
//!
//! The crate follows the [`Task` page](https://hexdocs.pm/elixir/1.14/Task.html) of Elixir 1.14. The page `docs/tasks.md`
//! compares tasks with processes, scopes and task groups.

#![forbid(unsafe_code)]

mod agent;
mod awaiting;
mod error;
mod many;
mod notice;
mod notify;
mod options;
mod outcome;
mod output;
mod owned;
mod retry;
mod start;
mod stream;
mod supervisor;
mod task;

pub use agent::{Agent, AgentMessage, AgentName, StartAgent};
pub use awaiting::Await;
pub use error::{NotStarted, TaskError};
pub use many::{await_many, yield_many};
pub use notify::spawn_and_notify;
pub use options::TaskOptions;
pub use outcome::{TaskEnd, TaskId, TaskOutcome};
pub use output::TaskOutput;
pub use owned::{SpawnTask, TaskInfo, TaskRefused, TaskState, Tasks};
pub use retry::Retry;
pub use stream::{OnTimeout, TaskStream, stream};
pub use supervisor::{StartTaskSupervisor, TaskSpec, TaskSupervisor, TaskSupervisorRef};
pub use task::{Task, Yielded};

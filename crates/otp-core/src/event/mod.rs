//! Events: what happens in a system, reported to hooks and subscribers, and written to the log.
//!
//! * [`System::on_event`](crate::System::on_event) calls a function where and when an event happens.
//! * [`System::subscribe`](crate::System::subscribe) returns a bounded stream, [`Events`].
//! * [`Occurrence`] is an event of another crate, reported with [`System::report`](crate::System::report), such as a
//!   supervisor's restart.
//!
//! * [`Spectator`] sees what happens too often to be an event: runs, calls, the time that messages wait.
//!
//! A crash is always logged, whatever else listens. The page `docs/logging.md` lists the targets and fields.

mod bus;
mod crash_report;
mod hook;
mod kind;
pub(crate) mod log;
mod occurrence;
mod spectator;
mod stream;
mod system;

pub(crate) use bus::EventBus;
pub use crash_report::CrashReport;
pub use hook::HookGuard;
pub use kind::Event;
pub(crate) use log::task_crashed;
pub use occurrence::Occurrence;
pub use spectator::{CallEnd, CallSeen, Handling, Seen, Spectator, SpectatorGuard};
pub(crate) use spectator::{Cause, Note, Open, Seats};
pub use stream::Events;

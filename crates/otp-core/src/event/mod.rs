//! What happens in a system: told to hooks and subscribers where and when it happens, and written to the log.
//!
//! * [`System::on_event`](crate::System::on_event) has a function called in the middle of what happens.
//! * [`System::subscribe`](crate::System::subscribe) gives a stream with a bound, [`Events`].
//! * [`Occurrence`] is what other crates report, with [`System::report`](crate::System::report): a supervisor's
//!   restart, say.
//!
//! A crash is always in the log, whoever else listens. The page `docs/logging.md` lists the targets and fields.

mod bus;
mod crash_report;
mod hook;
mod kind;
pub(crate) mod log;
mod occurrence;
mod stream;
mod system;

pub(crate) use bus::EventBus;
pub use crash_report::CrashReport;
pub use hook::HookGuard;
pub use kind::Event;
pub(crate) use log::task_crashed;
pub use occurrence::Occurrence;
pub use stream::Events;

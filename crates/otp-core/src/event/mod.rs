//! What happens in a system, told where and when it happens.

mod bus;
mod happened;
mod listen;

pub(crate) use bus::EventBus;
pub use bus::{Events, HookGuard};
pub use happened::{CrashReport, Event};

//! Timers that send a message. One queue per system, driven by one task and one backend timer.

mod queue;
mod schedule;
mod send;
mod slots;
#[cfg(test)]
mod tests;
mod timer_ref;

pub(crate) use queue::TimerQueue;
pub use timer_ref::TimerRef;

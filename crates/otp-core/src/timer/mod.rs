//! Timers that send a message: in queues, each of which is driven by one task and one backend timer.

mod queue;
mod queues;
mod schedule;
mod send;
mod slots;
#[cfg(test)]
mod tests;
mod timer_ref;

pub(crate) use queues::TimerQueues;
pub use timer_ref::TimerRef;

//! Events to many: what one publishes, and others get.
//!
//! * [`gen_event`]: an event manager, OTP's `gen_event`. Handlers of different types run in one process, one after the
//!   other, for each event.
//! * [`topic`]: a topic, to which values are published. Subscribers are processes and streams, each with a bound of its
//!   own and a policy for what happens when it is too slow.
//!
//! A manager is for a few handlers that belong together, such as those of a log: they get every event, in the same order,
//! and whoever notifies can wait for them. A topic is for many subscribers that do not know each other, and run at the
//! same time.

#![forbid(unsafe_code)]

pub mod gen_event;
mod quietly;
pub mod topic;

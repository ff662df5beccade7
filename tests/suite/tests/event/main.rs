//! Event managers and topics. What gen_event does is compared with it in tests/conformance; here is what Rust adds.

mod managers;
mod managers_hostile;
mod scripted;
mod subscribers;
mod topics;
mod topics_hostile;
mod waiting;

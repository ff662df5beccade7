//! State machines. What gen_statem does is compared with it in tests/conformance; here is what Rust adds.

mod as_server;
mod by_hand;
mod debug;
mod hostile;
mod macro_details;
mod macro_form;
mod scripted;
mod suspended;
mod timers;
mod upgrade;

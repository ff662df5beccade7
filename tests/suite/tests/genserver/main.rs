//! Servers, handwritten and by macro.

#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "nobody builds on a test")]

mod attach;
mod calls;
mod crashed_state;
mod debug;
mod end;
mod failures;
mod full;
mod generic;
mod load;
// Public, since they are about servers that are.
pub mod macro_details;
pub mod macro_form;
mod messages;
mod protocols;
mod requests;
mod sending;
mod signals;
mod start;
mod stop;
mod sys;
mod threads;
pub mod upgrade;

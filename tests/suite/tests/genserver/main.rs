//! Servers, handwritten and by macro.

#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "nobody builds on a test")]

mod attach;
mod calls;
mod end;
mod failures;
mod generic;
mod load;
// Public, since it is about servers that are.
pub mod macro_form;
mod messages;
mod protocols;
mod sending;
mod start;
mod sys;
mod threads;

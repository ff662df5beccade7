//! Servers, handwritten and by macro.

mod calls;
mod end;
// Public, since it is about servers that are.
pub mod macro_form;
mod messages;
mod start;
mod sys;

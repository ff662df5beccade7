//! Traces: what is printed, in its canonical form, and how two of them are compared.

mod compare;
mod render;
mod shape;

pub use compare::{Difference, first_difference};
pub(crate) use render::{event_line, render};
pub(crate) use shape::{Shape, call_reason, id, key, spec_error, start_error, sys_reason};

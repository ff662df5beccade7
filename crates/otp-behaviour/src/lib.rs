//! What every behaviour is made of; OTP's `gen`, `proc_lib` and `sys`.
//!
//! A behaviour is a process whose code calls the user's callbacks: a server, a supervisor, a state machine. What is the
//! same in all of them is here. Each keeps a loop of its own. The page `docs/write-a-behaviour.md` writes one.
//!
//! * [`start`](mod@start) starts one, and waits for its [`Ack`]: it has started, or failed. Its [`Parent`] may end it.
//! * [`Stop`] tells a process to end, and waits for that.
//! * [`sys`] looks at any process by its pid, suspends it, resumes it, changes its state.
//! * [`Receive`] waits for [`Mail`]: a message, or a [`Signal`].
//! * [`SystemRequest`] and [`Systemic`] are the two sides of a system request, [`ask`] sends one; [`send_stop`] asks any
//!   process to end, in its turn.
//! * [`contain`] calls the user's code.

#![forbid(unsafe_code)]

mod label;
pub mod start;
mod stop;
pub mod sys;

pub use label::short_name;
pub use start::{Ack, Parent, StartError, StartOptions, Starter, start};
pub use stop::{Stop, StopError};

#[doc(inline)]
pub use otp_core::behaviour::{
    Ask, BehaviourContext, Contained, Mail, Mode, Receive, Signal, SystemRequest, Systemic, ask, contain,
    contain_future, forget, options, report_crash, send_stop,
};

//! The kit for writing behaviours; OTP's `gen`, `proc_lib` and `sys`.
//!
//! A behaviour is a process that runs the user's callbacks: a server, a supervisor, a state machine. This crate
//! contains what all of them share; each behaviour has its own loop. The page `docs/write-a-behaviour.md` writes one.
//!
//! * [`start`](mod@start) starts a behaviour, and waits for its [`Ack`]: it has started, or failed. Its [`Parent`] may
//!   end it.
//! * [`Stop`] asks a process to stop, and waits for its end.
//! * [`HandOver`] keeps what a process saves for its next incarnation.
//! * [`sys`] looks at any process by its pid, suspends it, resumes it, changes its state.
//! * [`Receive`] waits for [`Mail`]: a message, or a [`Signal`].
//! * [`SystemRequest`] and [`Systemic`] are the two sides of a system request, and [`ask`] sends one; [`send_stop`]
//!   asks any process to end, in order with its messages.
//! * [`contain`] runs a callback and catches its panic; [`keep_state`] adds the state to the report of a crash.
//! * [`Parcel`] holds a message whose type comes from a trait.
//! * [`let_others_first`] lets a simulation switch to another process before an effect.

#![forbid(unsafe_code)]

mod hand_over;
mod label;
pub mod start;
mod stop;
pub mod sys;

pub use hand_over::HandOver;
pub use label::short_name;
pub use start::{Ack, Parent, StartError, StartOptions, Starter, start};
pub use stop::{Stop, StopError};

#[doc(inline)]
pub use otp_core::behaviour::{
    Act, AnyDeposit, Ask, Awaited, BehaviourContext, Contained, Mail, Mode, Parcel, Receive, Signal, SystemRequest,
    Systemic, Tracer, ask, at_once, blockable, contain, contain_future, cut, end, exit_at_once, forget, goes_on,
    is_about_to_end, is_traced, keep_state, let_others_first, may_block, options, report_crash, send_stop, set_tracer,
    shown, stop_at_once, take_turn, trace, trace_state,
};

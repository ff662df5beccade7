//! The parts of a process that authors of behaviours need, to write behaviours such as a server.
//!
//! A behaviour is code that receives the messages of a process, and runs callbacks for them. Unlike a plain process it
//! serves system requests, which reach any process by its pid: to report its status, to suspend and resume it, to show
//! its state.
//!
//! * [`Receive`] waits for [`Mail`]: a message, or a [`Signal`].
//! * [`SystemRequest`] and [`Systemic`] are the two sides of a system request, and [`ask`] sends one; [`send_stop`]
//!   asks any process to end, in order with its messages; [`end`] does not ask.
//! * [`contain`] and [`contain_future`] run callbacks and catch their panics, and [`report_crash`] reports a panic that
//!   does not end the process; [`keep_state`] adds the state to the report of a crash. [`shown`] and [`cut`] bound texts.
//! * [`Parcel`] holds a message whose type comes from a trait, such as a server's.
//! * [`Awaited`] declares that a process waits for another one without a call, so that a deadlock is noticed; [`may_block`]
//!   and [`blockable`] are for futures that processes may wait for by blocking their thread.
//! * [`BehaviourContext`] is for the loop of a behaviour, [`options`] and [`forget`] for its start.
//! * [`at_once`], [`stop_at_once`] and [`exit_at_once`] let the one that waits for a start or an end run the process, and
//!   [`take_turn`] lets others run before; see [`is_about_to_end`].
//!
//! The crate `otp-behaviour` builds a kit on these parts, with an acknowledged start, and the requests of `sys`.
//!
//! ```
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! use std::any::Any;
//!
//! use otp::behaviour::{BehaviourContext, Mail, Signal, Systemic, options};
//! use otp::{ExitReason, Process, ProcessContext, sys};
//!
//! /// A process that keeps the longest text that it was sent, and lets it be looked at.
//! struct Longest {
//!     ctx: ProcessContext<String>,
//!     text: String,
//! }
//!
//! impl Systemic for Longest {
//!     fn process(&self) -> &Process {
//!         &self.ctx
//!     }
//!     fn state(&mut self) -> Option<&mut dyn Any> {
//!         Some(&mut self.text)
//!     }
//! }
//!
//! async fn keep_longest(ctx: ProcessContext<String>) -> ExitReason {
//!     let mut longest = Longest { ctx, text: String::new() };
//!     loop {
//!         match longest.ctx.receive_mail(|_| true).await {
//!             Mail::Message(text) if text.len() > longest.text.len() => longest.text = text,
//!             Mail::Message(_) => {}
//!             Mail::Signal(signal) => match *signal {
//!                 Signal::Stop(stop) => return stop.reason,
//!                 Signal::System(request) => request.serve(&mut longest),
//!                 _ => {}
//!             },
//!         }
//!     }
//! }
//!
//! let longest = system.spawn_with(options(|| "Longest"), keep_longest).unwrap().process;
//! longest.send("a word".to_owned()).await.unwrap();
//! longest.send("short".to_owned()).await.unwrap();
//! assert_eq!(sys::get_state(&system, longest.pid(), String::clone).await, Ok("a word".to_owned()));
//! assert!(sys::suspend(&system, longest.pid()).await.is_err());
//! sys::stop(&system, longest.pid()).await.unwrap();
//! # }).unwrap();
//! ```

mod ask;
mod context;
mod request;
mod start;

pub use crate::cell::Parcel;
pub use crate::exit::{Contained, contain, contain_future, cut, shown};
pub use crate::process::{
    Act, AnyDeposit, Awaited, Mail, Receive, Signal, Tracer, blockable, end, exit_at_once, is_traced, keep_state,
    may_block, report_crash, send_stop, set_tracer, stop_at_once, take_turn, trace, trace_state,
};
pub use crate::switch::let_others_first;
pub use ask::{Ask, ask};
pub use context::{BehaviourContext, goes_on, is_about_to_end};
pub use request::{Mode, SystemRequest, Systemic};
pub use start::{at_once, forget, is_behaviour, is_tied, not_started, options};

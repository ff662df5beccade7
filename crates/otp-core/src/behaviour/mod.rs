//! For authors of behaviours: what the code of a process needs beyond its messages to be one, like a server.
//!
//! A behaviour is code that receives the messages of a process, and calls other people's code for them. It differs from
//! a plain process in that it serves system requests, which reach any process by its pid: to tell its status, to be
//! suspended and resumed, to show its state.
//!
//! * [`Receive`] waits for [`Mail`]: a message, or a [`Signal`].
//! * [`SystemRequest`] and [`Systemic`] are the two sides of a system request, [`ask`] sends one;
//!   [`send_stop`] asks any process to end, in its turn.
//! * [`contain`] and [`contain_future`] call the user's code, [`report_crash`] tells of a panic in it that ends nothing.
//! * [`BehaviourContext`] is for the loop of a behaviour, [`options`] and [`forget`] for its start.
//!
//! The crate `otp-behaviour` makes a kit of them, with a start that is acknowledged, and the requests of `sys`.

mod ask;
mod context;
mod request;
mod start;

pub use crate::event::report_crash;
pub use crate::exit::{Contained, contain, contain_future};
pub use crate::process::{Mail, Receive, Signal, send_stop};
pub use ask::{Ask, ask};
pub use context::BehaviourContext;
pub use request::{Mode, SystemRequest, Systemic};
pub use start::{forget, options};

//! For authors of behaviours: what the code of a process needs beyond its messages to be one, like a server.
//!
//! A behaviour is code that receives the messages of a process, and calls other people's code for them. It differs from
//! a plain process in that it serves system requests, which reach any process by its pid: to tell its status, to be
//! suspended and resumed, to show its state.
//!
//! * [`Receive`] waits for [`Mail`]: a message, or a [`Signal`].
//! * [`SystemRequest`] and [`Systemic`] are the two sides of a system request, [`ask`] sends one;
//!   [`send_stop`] asks any process to end, in its turn.
//! * [`contain`] calls the user's code.

mod ask;
mod request;

pub use crate::exit::contain;
pub use crate::process::{Mail, Receive, Signal, send_stop};
pub use ask::{Ask, ask};
pub use request::{Mode, SystemRequest, Systemic};

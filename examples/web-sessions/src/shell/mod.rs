//! What clients reach, over HTTP: twice the same, once by axum on tokio, once by hyper alone on smol.
//!
//! [`Ask`] is what can be asked, and [`Answer`] what is answered; a shell only routes the one, and writes the other down.
//! Which one serves is up to the executor that the program runs on.
//!
//! Both stop in the same way. First nobody new is let in, but for those who wait in the kernel's queue already; then each
//! connection finishes the request that it has begun with, and closes. [`Tally`] counts what was begun, and what was
//! answered.

#![allow(clippy::disallowed_types, reason = "the sockets of axum are those of tokio")]

mod answer;
mod ask;
pub mod axum;
pub mod hyper;
mod tally;

pub use answer::Answer;
pub use ask::{Ask, LONGEST_BODY, answer, token};
pub use tally::Tally;

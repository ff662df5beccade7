//! A bank: accounts are servers under a supervisor, and customers move money between them.
//!
//! It has two [`Teller`]s. One of them loses money, but only if two customers come at the wrong moment, which they do not
//! on tokio and smol. The simulator finds that moment. `docs/simulation.md` tells the story.

#![forbid(unsafe_code)]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "nobody builds on an example")]

pub mod account;
mod bank;
mod payday;
mod pin;
mod teller;

pub use account::Account;
pub use bank::Bank;
pub use payday::{LEFT, OPENING, PaymentError, payday};
pub use pin::Pin;
pub use teller::{Teller, TransferError};

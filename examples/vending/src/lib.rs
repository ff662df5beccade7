//! A vending machine: coins, a choice, a motor that may jam, and a customer who may walk away.

#![forbid(unsafe_code)]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "nobody builds on an example")]

mod machine;
mod stock;
mod times;

pub use machine::*;
pub use stock::{Item, Stock};
pub use times::Times;

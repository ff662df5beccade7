//! A vending machine: coins, a choice, a motor that may jam, and a customer who may walk away.

#![forbid(unsafe_code)]

mod machine;
mod stock;
mod times;

pub use machine::*;
pub use stock::{Item, Stock};
pub use times::Times;

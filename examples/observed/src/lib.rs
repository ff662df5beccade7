//! A shop under load, to be looked at with the observer: a till that asks the stock, carts in great number, and a courier
//! that is clumsy.
//!
//! ```text
//! cargo run --release -p observed -- --port 9911 --carts 10000 --rate 100000
//! ```

#![forbid(unsafe_code)]
#![allow(missing_docs, reason = "an example, whose macros write more than its author")]
#![allow(unreachable_pub, clippy::exhaustive_structs, reason = "nobody builds on an example")]

pub mod args;
mod carts;
mod shop;

use std::time::Duration;

use otp::prelude::*;
use otp::supervisor::ChildSpec;

use crate::carts::{Carts, visitors};
use crate::shop::{Courier, Customer, Stock, Till};

/// What runs, and how busily.
#[derive(Clone, Debug)]
pub struct Shop {
    /// How many carts there are, each a process.
    pub carts: u64,
    /// How many messages they get in a second.
    pub rate: u64,
    /// How often the courier drops something.
    pub drops_every: Duration,
}

impl Shop {
    /// Makes the tree.
    pub fn tree(self) -> Supervisor {
        let Shop { carts, rate, drops_every } = self;
        let front = ChildSpec::supervisor("front", move |parent: Process| {
            Supervisor::new(Strategy::RestForOne)
                .child(Stock::child(()).name(Stock::NAME))
                .child(Till::child(()).name(Till::NAME))
                .child(Customer::child(Duration::from_millis(400)))
                .start_link(&parent)
                .label("front")
        });
        let delivery = ChildSpec::supervisor("delivery", move |parent: Process| {
            Supervisor::new(Strategy::OneForOne)
                .intensity(30, Duration::from_secs(60))
                .child(Courier::child(drops_every))
                .start_link(&parent)
                .label("delivery")
        });
        let carts_of = ChildSpec::supervisor("carts", move |parent: Process| {
            DynamicSupervisor::new().start_link(&parent).name(Carts::NAME)
        });
        Supervisor::new(Strategy::OneForOne).child(front).child(delivery).child(carts_of).child(visitors(carts, rate))
    }
}

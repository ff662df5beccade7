//! A process that publishes prices.

use std::time::Duration;

use otp::prelude::*;
use otp::topic::Topic;

use crate::price::{PRICES, Price};

/// Publishes so many prices, one each time that `every` has passed, and closes the topic at the end.
pub async fn trade(ctx: ProcessContext<()>, prices: u32, every: Duration) {
    let topic = Topic::named(&ctx, &PRICES);
    let mut cents = 10_000;
    for number in 0..prices {
        ctx.system().sleep(every).await;
        cents = walk(cents, number);
        // It waits for the ledger, and for nobody else.
        if topic.publish(Price { number, cents }).await.is_err() {
            return;
        }
    }
    topic.close();
}

/// The next price: up and down by a few cents.
fn walk(cents: u64, number: u32) -> u64 {
    let step = u64::from(number.wrapping_mul(2_654_435_761) >> 27);
    cents + step - 15
}

//! Runs the market for two seconds, and tells what the consumers have seen.
#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::time::Duration;

use otp::prelude::*;
use ticker::market::Market;

#[otp::main]
async fn main(system: System) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let market = Market { prices: 200, every: Duration::from_millis(10) };
    print!("{}", market.run(&system).await?);
    Ok(())
}

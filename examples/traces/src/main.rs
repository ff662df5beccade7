//! Opens the shop, orders a book, and shows the trace that the collector has got.
#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::time::Duration;

use otp::prelude::*;
use otp::telemetry::Spans;
use traces::collector::Collected;
use traces::export;
use traces::shop::{self, DeskClient as _};
use tracing::Instrument;

#[otp::main]
async fn main(system: System) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    export::install(&system, "shop");
    let collected = Collected::default();
    let tree = Supervisor::new(Strategy::OneForOne).start(&system).await?;
    let collector = tree.start_child(collected.supervised()).await?.ok_or("no collector")?;
    tree.start_child(export::supervised(collector.address().clone(), "shop")).await?;
    // Traces begin where a request comes in: here.
    tree.start_child(Spans::new().roots(false).supervised()).await?;
    let desk = shop::open(&tree).await?;

    let request = tracing::info_span!("request", book = 7);
    let price = desk.order(7).instrument(request).await??;
    println!("ordered for {price}");
    while collected.all().len() < 7 {
        system.sleep(Duration::from_millis(1)).await;
    }
    print!("{}", collected.tree());
    Ok(())
}

//! Opens the shop.
#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use std::time::Duration;

use observed::args::{HELP, Invocation};
use otp::observer::Observer;
use otp::prelude::*;

#[otp::main]
async fn main(system: System) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let asked = Invocation::parse(std::env::args_os().skip(1))?;
    if asked.wants_help {
        print!("{HELP}");
        return Ok(());
    }
    let tree = asked.shop.tree().start(&system).label("shop").await?;
    if asked.is_observed {
        let observer = Observer::on(([127, 0, 0, 1], asked.port));
        let observer = match asked.token {
            Some(token) => observer.writable(token),
            None => observer,
        };
        // In most programs it is a `.child(…)` of the tree; here its port may be any free one.
        if let Some(observer) = tree.start_child(observer).await? {
            println!("observed is ready on {}", observer.address());
        }
    }
    match asked.seconds {
        Some(seconds) => system.sleep(Duration::from_secs(seconds)).await,
        None => std::future::pending().await,
    }
    tree.stop().await?;
    Ok(())
}

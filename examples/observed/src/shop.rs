//! The servers of the shop.

use std::time::Duration;

use otp::prelude::*;

/// What is there, and what it costs.
pub(crate) struct Stock {
    apples: u64,
}

#[gen_server]
impl Stock {
    pub(crate) const NAME: ServerName<Stock> = ServerName::new("stock");

    #[init]
    fn init((): ()) -> Self {
        Stock { apples: 1_000_000 }
    }

    #[call]
    fn take(&mut self, apples: u64) -> u64 {
        self.apples = self.apples.saturating_sub(apples);
        apples * 42
    }

    #[format_status]
    fn format_status(&self) -> String {
        format!("Stock {{ apples: {} }}", self.apples)
    }
}

/// Sells, and asks the stock.
pub(crate) struct Till {
    taken: u64,
}

#[gen_server]
impl Till {
    pub(crate) const NAME: ServerName<Till> = ServerName::new("till");

    #[init]
    fn init((): ()) -> Self {
        Till { taken: 0 }
    }

    #[call]
    async fn buy(&mut self, apples: u64, ctx: &mut Context<Self>) -> u64 {
        let stock = ServerRef::named(ctx.system(), Stock::NAME);
        let price = stock.take(apples).await.unwrap_or(0);
        self.taken += price;
        price
    }

    #[format_status]
    fn format_status(&self) -> String {
        format!("Till {{ taken: {} }}", self.taken)
    }
}

/// Buys now and then.
pub(crate) struct Customer {
    every: Duration,
    bought: u64,
}

#[gen_server]
impl Customer {
    #[init]
    fn init(every: Duration, ctx: &mut Context<Self>) -> Self {
        ctx.server().come_back_after(every);
        Customer { every, bought: 0 }
    }

    #[cast]
    async fn come_back_after(&mut self, pause: Duration, ctx: &mut Context<Self>) {
        let system = ctx.system().clone();
        system.sleep(pause).await;
        let apples = 1 + system.random() % 5;
        if ServerRef::named(&system, Till::NAME).buy(apples).await.is_ok() {
            self.bought += apples;
        }
        ctx.server().come_back_after(self.every);
    }

    #[format_status]
    fn format_status(&self) -> String {
        format!("Customer {{ bought: {} }}", self.bought)
    }
}

/// Delivers, and drops something now and then.
pub(crate) struct Courier {
    carries: &'static str,
}

#[gen_server]
impl Courier {
    #[init]
    fn init(every: Duration, ctx: &mut Context<Self>) -> Self {
        ctx.server().deliver(every);
        Courier { carries: "a crate of eggs" }
    }

    #[cast]
    async fn deliver(&mut self, time: Duration, ctx: &mut Context<Self>) {
        let system = ctx.system().clone();
        system.sleep(time).await;
        panic!("dropped {}", self.carries);
    }

    #[format_status]
    fn format_status(&self) -> String {
        format!("Courier {{ carries: {:?} }}", self.carries)
    }
}

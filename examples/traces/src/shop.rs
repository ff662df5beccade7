//! The shop: an order goes from server to server. Nothing here knows that it is traced.

use std::time::Duration;

use otp::prelude::*;
use otp::supervisor::SupervisorRef;
use otp::task::Task;

/// Takes orders.
pub struct Desk {
    stock: ServerRef<Stock>,
}

#[gen_server]
impl Desk {
    #[init]
    fn init(stock: ServerRef<Stock>) -> Self {
        Desk { stock }
    }

    /// Orders a book; returns its price.
    #[call]
    async fn order(&mut self, book: u32) -> Result<u32, CallError> {
        self.stock.reserve(book).await?
    }
}

/// Knows what there is.
pub struct Stock {
    ledger: ServerRef<Ledger>,
}

#[gen_server]
impl Stock {
    #[init]
    fn init(ledger: ServerRef<Ledger>) -> Self {
        Stock { ledger }
    }

    #[call]
    async fn reserve(&mut self, book: u32) -> Result<u32, CallError> {
        self.ledger.enter(book).await
    }
}

/// Keeps the books.
pub struct Ledger {
    post: ServerRef<Post>,
}

#[gen_server]
impl Ledger {
    #[init]
    fn init(post: ServerRef<Post>) -> Self {
        Ledger { post }
    }

    #[call]
    fn enter(&mut self, book: u32) -> u32 {
        tracing::info!(book, "sold");
        self.post.pack(book);
        1200
    }
}

/// Packs parcels, each in a task of its own.
pub struct Post {
    courier: ServerRef<Courier>,
}

#[gen_server]
impl Post {
    #[init]
    fn init(courier: ServerRef<Courier>) -> Self {
        Post { courier }
    }

    #[cast]
    fn pack(&mut self, ctx: &mut Context<Self>, book: u32) {
        let (system, courier) = (ctx.system().clone(), self.courier.clone());
        Task::start(&**ctx, async move {
            // The courier comes once a day.
            system.send_after(Duration::from_millis(20), courier.info_address(CourierInfo::Parcel), Parcel(book));
        });
    }
}

/// A parcel.
#[derive(Debug)]
pub struct Parcel(pub u32);

/// Brings parcels.
pub struct Courier {
    delivered: u32,
}

#[gen_server]
impl Courier {
    #[init]
    fn init((): ()) -> Self {
        Courier { delivered: 0 }
    }

    #[info]
    fn parcel(&mut self, parcel: Parcel) {
        self.delivered += 1;
        tracing::info!(book = parcel.0, "delivered");
    }
}

/// Opens the shop.
///
/// # Errors
///
/// If a server does not start.
pub async fn open(tree: &SupervisorRef) -> Result<ServerRef<Desk>, Box<dyn std::error::Error + Send + Sync>> {
    let courier = started(tree.start_child(Courier::child(())).await?)?;
    let post = started(tree.start_child(Post::child(courier)).await?)?;
    let ledger = started(tree.start_child(Ledger::child(post)).await?)?;
    let stock = started(tree.start_child(Stock::child(ledger)).await?)?;
    started(tree.start_child(Desk::child(stock)).await?)
}

fn started<T>(child: Option<T>) -> Result<T, Box<dyn std::error::Error + Send + Sync>> {
    child.ok_or_else(|| "a server did not start".into())
}

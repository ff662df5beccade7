//! Topics: publish and subscribe, with a bound and a stated policy for each subscriber.
//!
//! A [`Topic`] is a value, not a process: whoever has it, or its [name](TopicName), publishes and subscribes. Subscribers are
//! processes, which get messages of their own type, and streams, for what is no process.
//!
//! | policy | a value for a full subscriber | publishers |
//! |---|---|---|
//! | [`Slow::DropNewest`] | is dropped for it | never wait |
//! | [`Slow::DropOldest`] | takes the place of its oldest unread one | never wait |
//! | [`Slow::Disconnect`] | ends its subscription | never wait |
//! | [`Slow::Wait`] | waits until it has read one | wait |
//!
//! ```
//! use std::sync::Arc;
//!
//! use otp::prelude::*;
//! use otp::topic::{Slow, Topic, TopicName};
//!
//! struct Price {
//!     share: &'static str,
//!     cents: u64,
//! }
//!
//! const PRICES: TopicName<Price> = TopicName::new("prices");
//!
//! /// A server that keeps the highest price.
//! struct Highest(u64);
//!
//! #[gen_server]
//! impl Highest {
//!     #[init]
//!     fn init((): (), ctx: &mut Context<Self>) -> Self {
//!         let prices = Topic::named(ctx, &PRICES);
//!         prices.subscribe_process(ctx, 100, Slow::DropOldest, HighestInfo::Price).unwrap();
//!         Highest(0)
//!     }
//!
//!     #[info]
//!     fn price(&mut self, price: Option<Arc<Price>>) {
//!         self.0 = self.0.max(price.map_or(0, |price| price.cents));
//!     }
//!
//!     #[call]
//!     fn highest(&self) -> u64 {
//!         self.0
//!     }
//! }
//!
//! # fn main() {
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! let highest = Highest::start(&system, ()).await.unwrap();
//! let prices = Topic::named(&system, &PRICES);
//! let mut printed = prices.subscribe(8, Slow::Wait);
//! prices.publish(Price { share: "otp", cents: 1200 }).await.unwrap();
//!
//! assert_eq!(printed.next().await.unwrap().share, "otp");
//! assert_eq!(highest.highest().await, Ok(1200));
//! # }).unwrap();
//! # }
//! ```
//!
//! # Which one to use
//!
//! The [groups](https://docs.rs/otp-registry) of a registry send a message to processes that have joined, and know who they
//! are; how much a member keeps is decided by its mailbox. A topic has subscribers that nobody needs to know, each with a
//! limit of its own, and with streams among them. An [event manager](crate::gen_event) runs handlers in one process.

mod delivery;
mod inbox;
mod info;
mod line;
mod list;
mod name;
mod publish;
mod room;
mod slow;
mod stream;
mod subscribed;
mod subscriber;
#[allow(clippy::module_inception, reason = "the type of the same name")]
mod topic;

pub use inbox::Inbox;
pub use info::{TopicInfo, topics};
pub use name::TopicName;
pub use publish::{PublishError, Published};
pub use slow::Slow;
pub use stream::Subscription;
pub use subscribed::{SubscribeError, Subscribed};
pub use subscriber::Ended;
pub use topic::Topic;

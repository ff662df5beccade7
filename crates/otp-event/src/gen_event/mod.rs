//! Event managers, OTP's `gen_event`: a process with handlers, each of which gets every event.
//!
//! A handler is a type that implements [`EventHandler`]. Handlers of different types can be in one [manager](GenEvent) if
//! they have the same type of events. Each type has calls of its own, which [`GenEventRef::call`] sends to one handler.
//!
//! ```
//! use otp::gen_event::{Context, EventHandler, GenEvent, Init, Next};
//! use otp::prelude::{ExitReason, NoMessage, ReplyTo};
//!
//! enum Alarm {
//!     Raised(&'static str),
//!     Cleared(&'static str),
//! }
//!
//! /// Keeps the alarms that have not been cleared.
//! #[derive(Default)]
//! struct Current(Vec<&'static str>);
//!
//! struct All(ReplyTo<Vec<&'static str>>);
//!
//! impl EventHandler for Current {
//!     type Event = Alarm;
//!     type Args = ();
//!     type Call = All;
//!
//!     async fn init((): (), _: &mut Context<Alarm>) -> Result<Init<Self>, ExitReason> {
//!         Ok(Init::Ok(Current::default()))
//!     }
//!
//!     async fn handle_event(&mut self, event: &Alarm, _: &mut Context<Alarm>) -> Result<Next<Self>, ExitReason> {
//!         match event {
//!             Alarm::Raised(alarm) => self.0.push(alarm),
//!             Alarm::Cleared(alarm) => self.0.retain(|its| its != alarm),
//!         }
//!         Ok(Next::ok())
//!     }
//!
//!     async fn handle_call(&mut self, All(from): All, _: &mut Context<Alarm>) -> Result<Next<Self>, ExitReason> {
//!         from.reply(self.0.clone());
//!         Ok(Next::ok())
//!     }
//! }
//!
//! /// Goes when it has seen three events.
//! struct FirstThree(u32);
//!
//! impl EventHandler for FirstThree {
//!     type Event = Alarm;
//!     type Args = ();
//!     type Call = NoMessage;
//!
//!     async fn init((): (), _: &mut Context<Alarm>) -> Result<Init<Self>, ExitReason> {
//!         Ok(Init::Ok(FirstThree(0)))
//!     }
//!
//!     async fn handle_event(&mut self, _: &Alarm, _: &mut Context<Alarm>) -> Result<Next<Self>, ExitReason> {
//!         self.0 += 1;
//!         Ok(if self.0 == 3 { Next::remove() } else { Next::ok() })
//!     }
//! }
//!
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! let alarms = GenEvent::start_link(&system).await.unwrap();
//! alarms.add_handler(&Current::HANDLER, ()).await.unwrap();
//! alarms.add_handler(&FirstThree::HANDLER, ()).await.unwrap();
//!
//! alarms.notify(Alarm::Raised("disk"));
//! alarms.notify(Alarm::Raised("fan"));
//! alarms.sync_notify(Alarm::Cleared("disk")).await.unwrap();
//! assert_eq!(alarms.call(&Current::HANDLER, All).await, Ok(vec!["fan"]));
//! assert_eq!(alarms.which_handlers().await, Ok(vec![Current::HANDLER.id()]));
//!
//! let current = alarms.delete_handler(&Current::HANDLER).await.unwrap();
//! assert_eq!(current.0, ["fan"]);
//! # }).unwrap();
//! ```
//!
//! # Differences from OTP
//!
//! * What `terminate` returns in OTP is the handler itself: who deletes or swaps a handler gets its last state.
//! * The argument of `terminate` is a [`Term`](otp_core::Term), since few handlers look at it.
//! * Plain messages have the type of the events, and arrive at `handle_info`.
//! * A call to a handler may be answered later, by another process, or never, which fails it at once.
//! * OTP 25 takes it for a failure if the `init` of a handler that takes another's place, by the decision of that, asks to
//!   hibernate; here the handler is added. If such an `init` fails, the owner of a supervised handler is told why.
//!
//! It follows the [`gen_event` manual page](https://www.erlang.org/doc/man/gen_event.html) of OTP.

mod adding;
mod calling;
mod deleting;
mod error;
mod handler;
mod handlers;
mod manager;
mod manager_ref;
mod name;
mod next;
mod occurrence;
mod removal;
mod request;
mod running;
mod start;
mod successor;

pub use adding::{AddHandler, SwapHandler};
pub use calling::CallHandler;
pub use deleting::DeleteHandler;
pub use error::{AddHandlerError, CallHandlerError, DeleteHandlerError};
pub use handler::{Context, EventHandler};
pub use manager::{GenEvent, GenEventName};
pub use manager_ref::GenEventRef;
pub use name::{HandlerId, HandlerName};
pub use next::{Init, Next, Swapped};
pub use occurrence::HandlerEvent;
pub use otp_genserver::{Info, NoMessage};
pub use removal::{HandlerExit, HandlerExitReason, Removal};
pub use request::Request;
pub use start::StartGenEvent;

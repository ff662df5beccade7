//! OTP's `gen_server`: a process that owns a state and handles typed calls, casts and other messages.
//!
//! A server is a type that implements [`GenServer`]. Each kind of message is an enum. The variants of the calls carry a
//! reply token [`ReplyTo`], so each call has its own reply type, and can be answered later or by another process. The
//! attribute `#[gen_server]` of the crate `otp` writes this form:
//!
//! ```
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! use otp::gen_server::{Context, GenServer, Init, Next, NoMessage};
//! use otp::{ExitReason, ReplyTo};
//!
//! struct Counter(i64);
//!
//! enum CounterCall {
//!     Add(i64, ReplyTo<i64>),
//!     Get(ReplyTo<i64>),
//! }
//!
//! impl GenServer for Counter {
//!     type Args = i64;
//!     type Call = CounterCall;
//!     type Cast = NoMessage;
//!     type Info = NoMessage;
//!     type Continue = NoMessage;
//!
//!     async fn init(start: i64, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
//!         Ok(Init::Ok(Counter(start)))
//!     }
//!
//!     async fn handle_call(&mut self, call: CounterCall, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
//!         match call {
//!             CounterCall::Add(n, from) => {
//!                 self.0 += n;
//!                 from.reply(self.0);
//!             }
//!             CounterCall::Get(from) => from.reply(self.0),
//!         }
//!         Ok(Next::Receive)
//!     }
//! }
//!
//! let counter = Counter::start(&system, 40).await.unwrap();
//! assert_eq!(counter.call(|from| CounterCall::Add(2, from)).await, Ok(42));
//! assert_eq!(counter.call(CounterCall::Get).await, Ok(42));
//! counter.stop().await.unwrap();
//! # }).unwrap();
//! ```
//!
//! The crate follows the [`gen_server` manual page](https://www.erlang.org/doc/man/gen_server.html) of OTP.

#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod __private;
mod attach;
mod callback;
mod context;
mod doing;
mod load;
mod mailbox;
mod multi;
mod outcome;
mod rare;
mod run;
mod send;
mod server;
mod server_ref;
mod start;
mod turn;
mod upgrade;
mod version;

pub use attach::{Attach, Attached, Attachment};
pub use context::Context;
pub use multi::{MultiCall, abcast, multi_call};
pub use otp_behaviour::{HandOver, StartError, Stop, StopError, sys};
pub use otp_core::{Call, CallError, Down, Exit, ExitReason, ReplyTo, Request, Requests};
pub use outcome::{Incoming, Info, Init, Next, NoMessage, PendingReply};
pub use server::GenServer;
pub use server_ref::{Envelope, Received, ServerName, ServerRef};
pub use start::{Start, StartMonitor};
pub use upgrade::{Prepared, Upgrade};
pub use version::Version;

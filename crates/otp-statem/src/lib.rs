//! State machines, OTP's `gen_statem`: a process that is in a state, and handles events in it.
//!
//! The attribute macro `#[state_machine]` of the facade makes a state of each method of an `impl` block. By hand, a
//! machine is a type that implements [`StateMachine`]. Its states are an enum. [`handle`](StateMachine::handle) gets
//! the state and an [`Event`], and returns a [`Transition`]: the next state, and actions such as replies and timeouts.
//!
//! ```
//! use std::time::Duration;
//!
//! use otp::prelude::*;
//! use otp::statem::{self, Entered, Event, StateMachine, Transition};
//!
//! /// A door that locks itself, and opens with a code.
//! struct Door {
//!     code: u32,
//! }
//!
//! #[derive(Clone, Copy, Debug, PartialEq)]
//! enum State {
//!     Locked { attempts: u32 },
//!     Open,
//! }
//!
//! enum DoorCall {
//!     Enter(u32, ReplyTo<bool>),
//!     /// Answered when the door is open.
//!     Pass(ReplyTo<()>),
//! }
//!
//! struct Closes;
//!
//! impl StateMachine for Door {
//!     type Args = u32;
//!     type State = State;
//!     type Call = DoorCall;
//!     type Cast = NoMessage;
//!     type Info = NoMessage;
//!     type Internal = Closes;
//!     type Timer = NoMessage;
//!
//!     async fn init(code: u32, _: &mut statem::Context<'_, Self>) -> Result<statem::Init<Self>, ExitReason> {
//!         Ok(statem::Init::ok(Door { code }, State::Locked { attempts: 0 }))
//!     }
//!
//!     async fn handle(
//!         &mut self,
//!         state: &mut State,
//!         event: Event<Self>,
//!         _: &mut statem::Context<'_, Self>,
//!     ) -> Result<Transition<Self>, ExitReason> {
//!         Ok(match (state, event) {
//!             (State::Locked { .. }, Event::Call(DoorCall::Enter(code, from))) if code == self.code => {
//!                 Transition::next(State::Open).reply(from, true)
//!             }
//!             (State::Locked { attempts }, Event::Call(DoorCall::Enter(_, from))) => {
//!                 *attempts += 1;
//!                 Transition::keep().reply(from, false)
//!             }
//!             (State::Open, Event::Call(DoorCall::Enter(_, from))) => Transition::keep().reply(from, true),
//!             (State::Open, Event::Call(DoorCall::Pass(from))) => Transition::keep().reply(from, ()),
//!             (State::Locked { .. }, event @ Event::Call(DoorCall::Pass(_))) => Transition::postpone(event),
//!             (State::Open, Event::StateTimeout(Closes)) => Transition::next(State::Locked { attempts: 0 }),
//!             _ => Transition::keep(),
//!         })
//!     }
//!
//!     async fn enter(
//!         &mut self,
//!         _: Option<&State>,
//!         state: &mut State,
//!         _: &mut statem::Context<'_, Self>,
//!     ) -> Result<Entered<Self>, ExitReason> {
//!         Ok(match state {
//!             State::Open => Entered::ok().state_timeout(Duration::from_millis(5), Closes),
//!             State::Locked { .. } => Entered::ok(),
//!         })
//!     }
//! }
//!
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! let door = Door::start_link(&system, 1234).await.unwrap();
//! let passing = door.call(DoorCall::Pass).send_request();
//! assert_eq!(door.call(|from| DoorCall::Enter(1, from)).await, Ok(false));
//! assert_eq!(door.call(|from| DoorCall::Enter(1234, from)).await, Ok(true));
//! assert_eq!(passing.receive(Duration::from_secs(5)).await, Some(Ok(())));
//! # }).unwrap();
//! ```
//!
//! # A table of transitions
//!
//! The attribute macro `#[transitions]` lists which states may follow which. Another transition does not compile, and the
//! table is a diagram of the machine: see [`GoesTo`].
//!
//! # A machine is data
//!
//! A callback only decides; the process carries its decision out. So a test of a callback needs no process:
//!
//! ```
//! # use otp::prelude::*;
//! # use otp::statem::{self, Event, StateMachine, Transition};
//! # struct Lamp;
//! # #[derive(Debug, PartialEq)]
//! # enum Light { Off, On }
//! # struct Toggle;
//! # impl StateMachine for Lamp {
//! #     type Args = ();
//! #     type State = Light;
//! #     type Call = NoMessage;
//! #     type Cast = Toggle;
//! #     type Info = NoMessage;
//! #     type Internal = NoMessage;
//! #     type Timer = NoMessage;
//! #     async fn init((): (), _: &mut statem::Context<'_, Self>) -> Result<statem::Init<Self>, ExitReason> {
//! #         Ok(statem::Init::ok(Lamp, Light::Off))
//! #     }
//! #     async fn handle(
//! #         &mut self, state: &mut Light, event: Event<Self>, _: &mut statem::Context<'_, Self>,
//! #     ) -> Result<Transition<Self>, ExitReason> {
//! #         Ok(match (state, event) {
//! #             (Light::Off, Event::Cast(Toggle)) => Transition::next(Light::On),
//! #             (Light::On, Event::Cast(Toggle)) => Transition::next(Light::Off),
//! #             _ => Transition::keep(),
//! #         })
//! #     }
//! # }
//! # futures::executor::block_on(async {
//! let decided = Lamp.handle(&mut Light::Off, Event::Cast(Toggle), &mut statem::Context::detached()).await;
//! assert_eq!(decided.unwrap().next_state(), Some(&Light::On));
//! # });
//! ```
//!
//! The crate follows the [`gen_statem` manual page](https://www.erlang.org/doc/man/gen_statem.html) of OTP. A running
//! machine is a server, [`Machine`]: its reference, its names, its start and its supervision are those of servers.

#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod __private;
mod action;
mod context;
mod decision;
mod doing;
mod event;
mod machine;
mod state_machine;
mod table;
mod timers;
mod upgrade;

pub use action::{Action, PendingReply, Setting, Timer};
pub use context::Context;
pub use decision::{Begin, Change, Decision, Entered, Init, Stay, Transition};
pub use event::Event;
pub use machine::{Machine, Opening};
pub use otp_genserver::{Info, NoMessage};
pub use state_machine::StateMachine;
pub use table::{AnyState, GoesTo};
pub use upgrade::UpgradeMachine;

/// The reference of a machine: that of a server.
pub type MachineRef<M> = otp_genserver::ServerRef<Machine<M>>;

/// The name of a machine: that of a server.
pub type MachineName<M> = otp_genserver::ServerName<Machine<M>>;

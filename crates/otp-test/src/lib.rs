//! Test tools for processes. The crate `otp` contains them as `otp::test`, with the feature `test`.
//!
//! * [`Probe`]: a process that the test controls. It receives messages, is linked and monitored like any other, and the
//!   test says what it expects to arrive.
//! * [`Mock`]: a server that follows a script, in place of the one that the code under test calls.
//! * [`eventually`]: waits until a condition becomes true.
//! * [`Recorder`]: records what happens, in order, and compares it with what should happen, as a diff.
//! * [`start_supervised`]: processes that are shut down, in reverse order and completely, before the test ends.
//!
//! These tools only use the [`System`](otp_core::System) and its clock: the same test runs on every backend, and in
//! virtual time a timeout costs nothing. Waits have a timeout of five seconds, unless [`within`](Within::within) sets
//! another one. A failure is a panic in the test; its message contains the line of the test, what was expected and what
//! came.
//!
//! ```
//! use otp::prelude::*;
//! use otp::test::{Mock, Probe, on};
//!
//! struct Till;
//!
//! #[gen_server]
//! impl Till {
//! #   #[init]
//! #   fn init() -> Self {
//! #       Till
//! #   }
//!     // …
//!     #[call]
//!     fn take(&mut self, cents: u64) -> Result<u64, TooLittle> {
//! #       let _ = cents;
//! #       Err(TooLittle)
//! # /*
//!         …
//! # */
//!     }
//! }
//! # #[derive(Debug)]
//! # pub struct TooLittle;
//!
//! /// What is to be tested: it takes money out of a till and gives it to somebody.
//! async fn pay_out(till: &ServerRef<Till>, to: ProcessRef<u64>, cents: u64) -> Result<(), CallError> {
//!     if let Ok(coins) = till.take(cents).await? {
//!         let _ = to.send(coins).await;
//!     }
//!     Ok(())
//! }
//!
//! // In an `async fn(system: System)` with `#[otp::test]`:
//! # fn main() {
//! # otp::tokio::run(async |system| {
//! let mut till = Mock::<Till>::start(&system);
//! till.expect_call(on!(TillCall::Take(250, from) => from.reply(Ok(250))));
//! let customer = Probe::<u64>::start(&system).await;
//!
//! assert_eq!(pay_out(&till.server(), customer.this(), 250).await, Ok(()));
//!
//! customer.expect(250).await;
//! till.done().await;
//! # });
//! # }
//! ```

#![forbid(unsafe_code)]

mod eventually;
mod mock;
mod probe;
mod recorder;
mod supervised;
mod within;

pub use eventually::{Holds, eventually};
pub use mock::{Mock, On};
pub use probe::Probe;
pub use recorder::{Journal, Recorder};
pub use supervised::{run_supervised, start_supervised, stop_supervised, test_supervisor};
pub use within::Within;

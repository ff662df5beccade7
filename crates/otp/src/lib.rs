//! Erlang/OTP for async Rust, on the executor you already have.
//!
//! Processes, servers and supervisors with OTP's semantics. This crate is the facade: it re-exports the library and
//! picks backends by feature.
//!
//! ```
//! # #[cfg(feature = "macros")] mod example {
//! use otp::prelude::*;
//!
//! struct Counter(i64);
//!
//! #[gen_server]
//! impl Counter {
//!     #[init]
//!     fn init(start: i64) -> Self {
//!         Counter(start)
//!     }
//!
//!     #[call]
//!     fn add(&mut self, n: i64) -> i64 {
//!         self.0 += n;
//!         self.0
//!     }
//! }
//! # #[cfg(feature = "tokio")]
//! # pub fn main() {
//!
//! otp::tokio::run(async |system| {
//!     let counter = Counter::start(&system, 40).await.unwrap();
//!     assert_eq!(counter.add(2).await, Ok(42));
//! });
//! # }
//! # #[cfg(not(feature = "tokio"))] pub fn main() {}
//! # }
//! # #[cfg(feature = "macros")] fn main() { example::main() }
//! # #[cfg(not(feature = "macros"))] fn main() {}
//! ```
//!
//! | feature | what it adds |
//! |---|---|
//! | `tokio` (default) | the backend [`otp::tokio`](tokio) |
//! | `smol` | the backend [`otp::smol`](smol) |
//! | `sim` | the simulator [`otp::sim`](sim), on which tests run in virtual time and a seed decides everything |
//! | `net` | sockets, [`System::net`], on the backends that are enabled; the simulator has its own |
//! | `macros` (default) | [`#[gen_server]`](gen_server), [`#[otp::main]`](main), [`#[otp::test]`](macro@test) |
//! | `test` | the module [`otp::test`](mod@test): what a test needs around processes |
//!
//! Features only add; a program may use both backends at once.

#![forbid(unsafe_code)]

#[doc(hidden)]
pub use otp_genserver::__private;
#[doc(hidden)]
pub mod __test;
pub mod prelude;
#[cfg(feature = "sim")]
pub mod sim;
#[cfg(feature = "smol")]
pub mod smol;
#[cfg(feature = "tokio")]
pub mod tokio;

pub use otp_core::*;
pub use otp_genserver::*;
#[cfg(feature = "macros")]
pub use otp_macros::{gen_server, main, test};
pub use otp_supervisor::*;
#[cfg(feature = "test")]
#[doc(inline)]
pub use otp_test as test;

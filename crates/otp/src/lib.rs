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
//! # Modules
//!
//! The crate's root has what every program needs, [`prelude`] has what most do. The rest has a module for each idea.
//!
//! | module | what is in it |
//! |---|---|
//! | [`process`] | processes: what they are made with and told, their ties, names, timers, exit reasons, information |
//! | [`call`] | calls to processes, requests under way, reply tokens |
//! | [`gen_server`](mod@gen_server) | servers: callbacks, references, starting and stopping |
//! | [`supervisor`] | supervisors, static and dynamic, and the specs of their children |
//! | [`sys`] | system requests: any process's status by its pid; look at a server's state, suspend it, change its code |
//! | [`behaviour`] | for authors of behaviours: what every one is made of |
//! | [`event`] | what happens in a system: hooks, streams, the log |
//! | [`scope`] | cancellation: scopes, time limits, groups of tasks |
//! | [`runtime`] | the seam to executors, for backends; [`runtime::net`], sockets |
//! | [`tokio`], [`smol`] | the backends |
//! | [`sim`], [`test`](mod@test) | for tests: the simulator, and what a test needs around processes |
//!
//! # Which one do I hold
//!
//! | type | what it stands for |
//! |---|---|
//! | [`Pid`] | a process, by number: for links, monitors and exit signals; it can be copied and compared |
//! | [`ProcessRef<M>`](ProcessRef) | a process, for sending it messages of type `M` |
//! | [`Address<M>`](Address) | where messages of type `M` go: a process, or whoever a [route](process::Route) leads to, such as the holder of a name |
//! | [`Name<M>`](Name) | a name, typed, under which a process can be found through its restarts |
//! | [`ServerRef<S>`](gen_server::ServerRef) | an address of a server: its calls, its casts |
//! | [`SupervisorRef`](supervisor::SupervisorRef) | an address of a supervisor |
//! | [`Process`] | the running process itself: what links, monitors and spawns in its name |
//! | [`ProcessContext<M>`](ProcessContext) | the running process with its mailbox; a server has [`Context`](gen_server::Context) |
//! | [`Target`](process::Target) | whom a monitor watches, or to whom a failed message went: a pid or a name |
//! | [`Label`](process::Label) | a text that people read: a name without a type, a child's id |
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `tokio` (default) | the backend [`otp::tokio`](tokio) |
//! | `smol` | the backend [`otp::smol`](smol) |
//! | `sim` | the simulator [`otp::sim`](sim), on which tests run in virtual time and a seed decides everything |
//! | `net` | sockets, [`System::net`], on the backends that are enabled; the simulator has its own |
//! | `macros` (default) | [`#[gen_server]`](macro@gen_server), [`#[otp::main]`](main), [`#[otp::test]`](macro@test) |
//! | `test` | the module [`otp::test`](mod@test): what a test needs around processes |
//!
//! Features only add; a program may use both backends at once.

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[doc(hidden)]
pub use otp_genserver::__private;
#[doc(hidden)]
pub mod __test;
pub mod call;
pub mod prelude;
pub mod process;
#[cfg(feature = "sim")]
pub mod sim;
#[cfg(feature = "smol")]
pub mod smol;
#[cfg(feature = "tokio")]
pub mod tokio;

#[doc(inline)]
pub use otp_behaviour as behaviour;
#[doc(inline)]
pub use otp_behaviour::sys;
#[doc(inline)]
pub use otp_core::{
    Address, Call, CallError, ExitReason, Message, Name, Pid, Process, ProcessContext, ProcessRef, ReplyTo, System,
};
#[doc(inline)]
pub use otp_core::{event, node, runtime, scope};
#[doc(inline)]
pub use otp_genserver as gen_server;
#[cfg(feature = "macros")]
pub use otp_macros::{gen_server, main, test};
#[doc(inline)]
pub use otp_supervisor as supervisor;
#[cfg(feature = "test")]
#[doc(inline)]
pub use otp_test as test;

//! Erlang/OTP for async Rust, on the executor you already have.
//!
//! This crate is the facade: processes, servers and supervisors with OTP's semantics. It re-exports the library and
//! selects backends by feature.
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
//! The root of the crate has what every program needs, and [`prelude`] what most programs need. The rest is in modules,
//! one for each idea.
//!
//! | module | contents |
//! |---|---|
//! | [`process`] | processes: options, messages, links and monitors, names, timers, exit reasons, introspection |
//! | [`call`] | calls to processes, pending requests, reply tokens |
//! | [`gen_server`](mod@gen_server) | servers: callbacks, references, starting and stopping |
//! | [`supervisor`] | supervisors, static and dynamic, and the specs of their children |
//! | [`statem`] | state machines: states as an enum, postponed events, timeouts |
//! | [`gen_event`] | event managers: handlers of different types in one process, each of which gets every event |
//! | [`topic`] | publish and subscribe: topics with bounded subscribers, and a policy for slow ones |
//! | [`task`] | tasks: processes that compute one value; task supervisors, streams, agents |
//! | [`registry`] | registries: processes by key; process groups, pools, partition supervisors |
//! | [`table`] | tables that processes own and share: ETS; owners and heirs |
//! | [`application`] | applications: the parts of a service, started in the order of their dependencies, stopped in reverse |
//! | [`health`] | servers that never hang: probes of children, a watchdog for handlers; liveness and readiness of a service |
//! | [`config`] | typed configuration out of defaults, a file, environment variables and the command line |
//! | [`dist`] | a node among those of a BEAM cluster: remote processes, links, monitors, calls |
//! | [`http`] | a small, bounded HTTP/1 server as a child of a supervisor, for pages of operation |
//! | [`observer`] | a live page of a running system: its tree, its processes, its crashes |
//! | [`telemetry`] | metrics of processes, and traces across them |
//! | [`etf`] | Erlang's terms as bytes: a bounded decoder, an encoder, serde |
//! | [`sys`] | system requests: status of any process by its pid; read a server's state, suspend it, change its code |
//! | [`behaviour`] | for authors of behaviours: the parts that all behaviours share |
//! | [`event`] | events of a system: hooks, streams, the log |
//! | [`scope`] | cancellation: scopes, timeouts, task groups |
//! | [`runtime`] | the seam to executors, for backends; [`runtime::net`], sockets |
//! | [`tokio`], [`smol`] | the backends |
//! | [`sim`], [`test`](mod@test) | for tests: the simulator, and test tools for processes |
//!
//! # Which one do I hold
//!
//! | type | what it is for |
//! |---|---|
//! | [`Pid`] | identifies a process, untyped: for links, monitors and exit signals; can be copied and compared |
//! | [`ProcessRef<M>`](ProcessRef) | sends messages of type `M` to one process |
//! | [`Address<M>`](Address) | sends messages of type `M` to one process, or through a [route](process::Route), such as to the holder of a name |
//! | [`Name<M>`](Name) | a typed name, under which a process can be found across restarts |
//! | [`ServerRef<S>`](gen_server::ServerRef) | an address of a server: its calls, its casts |
//! | [`SupervisorRef`](supervisor::SupervisorRef) | an address of a supervisor |
//! | [`Process`] | acts as the running process: links, monitors and spawns |
//! | [`ProcessContext<M>`](ProcessContext) | the running process with its mailbox; callbacks of a server get a [`Context`](gen_server::Context) |
//! | [`Target`](process::Target) | what a monitor watches, or where a failed message was sent: a pid or a name |
//! | [`Label`](process::Label) | a text for people: a name without a type, a child's id |
//!
//! # Features
//!
//! | feature | what it adds |
//! |---|---|
//! | `tokio` (default) | the backend [`otp::tokio`](tokio) |
//! | `smol` | the backend [`otp::smol`](smol) |
//! | `sim` | the simulator [`otp::sim`](sim), which runs tests in virtual time with a seeded scheduler; with `dist` also [whole clusters](sim::cluster) |
//! | `net` | sockets, [`System::net`], on the enabled backends; the simulator always has its own |
//! | `macros` (default) | [`#[gen_server]`](macro@gen_server), [`#[otp::main]`](main), [`#[otp::test]`](macro@test) |
//! | `statem` | the module [`otp::statem`](statem); with `macros` also [`#[state_machine]`](state_machine) and [`#[transitions]`](transitions) |
//! | `event` | the modules [`otp::gen_event`](gen_event) and [`otp::topic`](topic) |
//! | `application` | the module [`otp::application`](application) |
//! | `health` | the module [`otp::health`](health) |
//! | `http` | the module [`otp::http`](http), and the feature `net` |
//! | `task` | the module [`otp::task`](task) |
//! | `registry` | the module [`otp::registry`](registry) |
//! | `observer` | the module [`otp::observer`](observer), and the features `application`, `health`, `http` and `table` |
//! | `table` | the module [`otp::table`](table) |
//! | `config` | the module [`otp::config`](config) |
//! | `dist` | the module [`otp::dist`](dist), and `etf`; it needs `net` |
//! | `telemetry` | the module [`otp::telemetry`](telemetry), with spans |
//! | `metrics` | metrics, in the module [`otp::telemetry`](telemetry) |
//! | `dist-tls` | `dist` with TLS between nodes, by rustls |
//! | `etf` | the module [`otp::etf`](etf) |
//! | `test` | the module [`otp::test`](mod@test): test tools for processes |
//!
//! Features are additive: a program may use several backends at once.

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

#[cfg(feature = "application")]
#[doc(inline)]
pub use otp_application as application;
#[doc(inline)]
pub use otp_behaviour as behaviour;
#[doc(inline)]
pub use otp_behaviour::sys;
#[cfg(feature = "config")]
#[doc(inline)]
pub use otp_config as config;
#[doc(inline)]
pub use otp_core::{
    Address, Call, CallError, ExitReason, Message, Name, Pid, Process, ProcessContext, ProcessRef, ReplyTo, System,
    receive,
};
#[doc(inline)]
pub use otp_core::{event, node, runtime, scope};
#[cfg(feature = "dist")]
#[doc(inline)]
pub use otp_dist as dist;
#[cfg(feature = "etf")]
#[doc(inline)]
pub use otp_etf as etf;
#[cfg(feature = "event")]
#[doc(inline)]
pub use otp_event::{gen_event, topic};
#[doc(inline)]
pub use otp_genserver as gen_server;
#[cfg(feature = "health")]
#[doc(inline)]
pub use otp_health as health;
#[cfg(feature = "http")]
#[doc(inline)]
pub use otp_http as http;
#[cfg(feature = "macros")]
pub use otp_macros::{gen_server, main, test};
#[cfg(all(feature = "macros", feature = "statem"))]
pub use otp_macros::{state_machine, transitions};
#[cfg(feature = "observer")]
#[doc(inline)]
pub use otp_observer as observer;
#[cfg(feature = "registry")]
#[doc(inline)]
pub use otp_registry as registry;
#[cfg(feature = "statem")]
#[doc(inline)]
pub use otp_statem as statem;
#[doc(inline)]
pub use otp_supervisor as supervisor;
#[cfg(feature = "table")]
#[doc(inline)]
pub use otp_table as table;
#[cfg(feature = "task")]
#[doc(inline)]
pub use otp_task as task;
#[cfg(feature = "telemetry")]
#[doc(inline)]
pub use otp_telemetry as telemetry;
#[cfg(feature = "test")]
#[doc(inline)]
pub use otp_test as test;

//! Servers that never hang: probes of the children of a supervisor, a watchdog for handlers, and the health of a service.
//!
//! * A [`Probe`] asks a child again and again whether it still answers. A child that does not ends with the reason
//!   [`Unresponsive`], and its supervisor restarts it by its rules.
//! * A [`Watchdog`] looks at all processes of a system, and reports handlers that have run for too long: those that wait
//!   for something that never comes, and those that hold their thread. It ends nothing.
//! * [`MayTake::may_take`] is how a server says that its handler may run for a while: both leave it alone until then.
//! * [`HealthEvent`] is what both report, as an event and in the log; [`figures`] has numbers for metrics.
//! * [`Health`] is whether a service is alive and ready, by its [`Check`]s: as a value, and as `/livez` and `/readyz`.
//!
//! A call cycle, the third way to hang, is an error of the call: [`CallError::Deadlock`](otp_core::CallError::Deadlock).
//!
//! Nothing here costs anything for a process that is not probed, or in a system without a watchdog.
//!
//! ```
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! use std::time::Duration;
//!
//! use otp::health::{Probe, Probed, Watchdog};
//! use otp::prelude::*;
//!
//! struct Ledger;
//!
//! #[gen_server]
//! impl Ledger {
//!     #[init]
//!     fn init((): ()) -> Self {
//!         Ledger
//!     }
//! }
//!
//! let tree = Supervisor::new(Strategy::OneForOne)
//!     .child(Watchdog::new().limit(Duration::from_secs(10)).supervised())
//!     .child(Ledger::child(()).probe(Probe::new().interval(Duration::from_secs(5))));
//! assert!(tree.start(&system).await.is_ok());
//! # }).unwrap();
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod busy;
mod checks;
#[cfg(feature = "http")]
mod endpoint;
mod event;
mod figures;
mod ping;
mod probe;
mod prober;
mod sample;
mod unresponsive;
mod watchdog;

pub use busy::{Busy, MayTake};
pub use checks::{Answer, Check, CheckReport, Health, HealthReport, HealthStatus};
#[cfg(feature = "http")]
#[cfg_attr(docsrs, doc(cfg(feature = "http")))]
pub use endpoint::HealthEndpoint;
pub use event::HealthEvent;
pub use figures::{Figures, figures};
pub use probe::{Probe, Probed};
pub use unresponsive::Unresponsive;
pub use watchdog::Watchdog;

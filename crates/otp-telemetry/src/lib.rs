//! Telemetry: metrics and traces of processes.
//!
//! * `Metrics`, with the feature `metrics`, reports numbers to a recorder of the crate [`metrics`](https://docs.rs/metrics), such as a Prometheus
//!   exporter: what processes do, how long calls take, how long messages wait, what crashes and is restarted.
//! * [`Spans`] opens a span of [`tracing`] for each message that is handled. The span in which the message was sent is its
//!   parent, so that a trace goes from server to server: across calls, casts, tasks and timers.
//!
//! Both are children of a supervision tree, and both are spectators: see [`otp_core::event::Spectator`]. A system without
//! them pays nothing. The page `docs/telemetry.md` lists all spans, events and metrics; their names stay the same.
//!
//! ```
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! use otp::prelude::*;
//! use otp::telemetry::{Metrics, Spans};
//!
//! let tree = Supervisor::new(Strategy::OneForOne)
//!     .child(Metrics::new().supervised())
//!     .child(Spans::new().supervised());
//! assert!(tree.start(&system).await.is_ok());
//! # }).unwrap();
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(feature = "metrics")]
mod metrics;
mod spans;

#[cfg(feature = "metrics")]
pub use metrics::{METRICS, Metric, MetricKind, Metrics};
pub use spans::{SPANS, SpanName, Spans};

//! A live page of a running system: its supervision tree, its processes, its crashes; Erlang's `observer`, in a browser.
//!
//! [`Observer`] is a child of a supervisor, and serves the page on an address of this machine. The page shows the tree of
//! supervisors and processes, what each process is and does, the busiest processes, the last crashes, and the system as a
//! whole. With a [token](Observer::writable) it also traces, suspends, resumes and kills processes. The page
//! `docs/observer.md` shows it, and documents the JSON behind it.
//!
//! * **It costs nothing while nobody looks**, except that crashes and restarts are kept: the last ones, in bounded memory.
//!   While somebody looks, all processes are looked at once in a second, or less often, so that it takes at most about one
//!   percent of one processor's time.
//! * **It is bounded.** A supervisor with a million children is shown in pages of a hundred; texts are cut; a browser that
//!   does not read is cut off, and holds up nobody.
//! * **It is read-only, on loopback**, unless it is told otherwise. Requests with a foreign `Host` or `Origin` are refused,
//!   so that a page of another site in the same browser cannot read or do anything. All that comes from the system is shown
//!   as text.
//!
//! ```
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! use otp::observer::Observer;
//! use otp::prelude::*;
//!
//! // In a program: a port of your choice, such as "127.0.0.1:9911".
//! let tree = Supervisor::new(Strategy::OneForOne).child(Observer::on("127.0.0.1:0"));
//! assert!(tree.start(&system).await.is_ok());
//! # }).unwrap();
//! ```

#![forbid(unsafe_code)]

mod api;
mod assets;
mod eyes;
mod guard;
mod incidents;
mod look;
mod observer;
mod paced;
mod routes;
mod run_time;
mod turns;
mod watched;

pub use observer::{Observer, StartObserverError};

//! The simulation backend of otp: the same program on one thread, in virtual time, where a seed decides everything.
//!
//! It is an executor like any other behind the seam of [`otp_core::runtime`], and passes the same suites as tokio and
//! smol do. What it adds is that a run can be had again: a failing interleaving is a number.
//!
//! ```
//! use std::time::Duration;
//!
//! use otp::{ExitReason, ProcessContext};
//!
//! // Two hundred runs, each with another schedule. Thirty years pass in each of them.
//! otp::sim::check(otp::sim::Config::new().seeds(200), async |system| {
//!     let sleeper = system.spawn(async |mut ctx: ProcessContext<()>| {
//!         ctx.receive_timeout(Duration::from_secs(30 * 365 * 24 * 3600)).await;
//!     });
//!     assert_eq!(sleeper.exited().await, ExitReason::Normal);
//! });
//! ```
//!
//! * [`run`] runs a program once; [`check`] runs it with many seeds, and reports a failure with a simpler schedule, the
//!   last steps in words and a line to repeat it; [`explore`] runs a small program in all ways.
//! * [`Config`] sets the [`Policy`], the [`Faults`], the limits.
//! * A [`Failure`] is a panic, a deadlock, a livelock, a leak, or an invariant ([`always`]) that does not hold.
//! * [`SimExecutor`] is the executor itself.
//!
//! # The network
//!
//! The sockets of [`System::net`](otp_core::System::net) are those of a simulated network: TCP with latency, bounded
//! buffers and short reads, Unix sockets, and as many hosts as are named. [`Faults`] has the seed refuse and reset
//! connections, part hosts, and leave connections half-open; a [`SimNet`], from [`net`], lets a test do so by hand.
//!
//! A connection is one of TCP: its bytes arrive once and in their order, or it fails. What is lost on the way is sent
//! again, so a partition holds up and does not lose, until the sender gives up. There are no datagrams, and no keepalive.
//!
//! # What the seed decides
//!
//! * Which of the tasks that can go on is polled next. A *step* is one poll. A process receives at most one message in a
//!   step, so that others may come in between any two.
//! * Whether a call runs its callee on the spot or has it scheduled.
//! * In which order timers of one deadline fire.
//! * When a blocking job runs: as a whole, on the one thread that there is. It must not wait for other tasks.
//! * The numbers of [`System::random`](otp_core::System::random).
//! * How long what is sent through a socket takes, and in which pieces it arrives.
//! * Which fault happens when, and to whom.
//!
//! The time is virtual. A step takes a microsecond of it; when all tasks wait, it jumps to the next deadline. The wall
//! clock, [`System::system_time`](otp_core::System::system_time), begins in 2020 and goes with it.
//!
//! Equal seeds give equal runs, on every machine and in every build of the same program: [`Checked::hash`] is the
//! proof of it. Steps of *other* programs, or of the same one after a change, are others: keep the program with the
//! seed.
//!
//! # What it does not decide
//!
//! What does not go through the seam is not simulated: files, sockets of others, threads of your own, the clock and the
//! timers of another runtime, `std::time::Instant::now`, the order of a `HashMap`, random numbers of your own, values
//! that outlive a run. Some of it is noticed:
//!
//! * A thread that wakes a task or sends something in the middle of a run makes it fail, with the thread's name. So do
//!   the drivers of tokio and async-io, which have threads of their own.
//! * A run that waits for something that is not simulated is a deadlock, whose report says so.
//! * A failure that does not come back when its seed is run again is reported as such.
//!
//! tokio's own types that need its reactor or its timer panic where they are used, since there is none.
//!
//! # After whom
//!
//! A program under a simulated world and with seeded faults is how FoundationDB is tested: Zhou and others,
//! "FoundationDB: A Distributed Unbundled Transactional Key Value Store", SIGMOD 2021. The policy [`Policy::Pct`] is that
//! of Burckhardt and others, ASPLOS 2010; bounded preemptions, in [`Explore`], are those of Musuvathi and Qadeer, PLDI
//! 2007; schedules are simplified as inputs are by delta debugging: Zeller and Hildebrandt, IEEE TSE 2002.

#![forbid(unsafe_code)]
#![allow(clippy::disallowed_methods, reason = "a backend is the other side of the seam")]

mod attempt;
mod check;
mod config;
mod dice;
mod director;
mod executor;
mod explore;
mod failed;
mod failure;
mod faults;
mod held;
mod here;
mod net;
mod policy;
mod run;
mod runtime;
mod schedule;
mod shared;
mod shrink;
mod state;
mod timer;
mod timers;
mod trace;

#[doc(hidden)]
pub use check::first_seed;
pub use check::{Checked, check, try_check};
pub use config::{Config, Threads};
pub use executor::SimExecutor;
pub use explore::{Explore, Explored, explore, try_explore};
pub use failed::Failed;
pub use failure::{Deadlock, Failure, Leak, Waiting, WaitingCall};
pub use faults::Faults;
pub use here::{always, net, note, seed, set_faults};
pub use net::SimNet;
pub use policy::Policy;
pub use run::run;
pub use runtime::SimRuntime;
pub use schedule::{ParseScheduleError, Schedule};

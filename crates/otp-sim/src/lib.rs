//! The simulation backend of otp, for deterministic tests: the program runs on one thread, in virtual time, and a seed
//! decides everything.
//!
//! The simulator is an executor like any other behind the seam of [`otp_core::runtime`], and passes the same test
//! suites as tokio and smol. In addition, every run can be repeated: a failing interleaving is a number.
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
//! * [`run`] runs a program once. [`check`] runs it with many seeds, and reports a failure with a simpler schedule, the
//!   last steps in words and a command to repeat it. [`explore`] runs a small program in all possible orders.
//! * [`Config`] sets the [`Policy`], the [`Faults`], and limits.
//! * A [`Failure`] is a panic, a deadlock, a livelock, a leak, or an invariant ([`always`]) that does not hold.
//! * [`SimExecutor`] is the executor itself.
//!
//! # The network
//!
//! The sockets of [`System::net`](otp_core::System::net) are those of a simulated network: TCP with latency, bounded
//! buffers and short reads, Unix sockets, and any number of named hosts. With [`Faults`], the seed refuses and resets
//! connections, partitions hosts, and leaves connections half-open; a test can also do so by hand with a [`SimNet`],
//! from [`net`].
//!
//! Connections behave like TCP connections: bytes arrive once and in order, or the connection fails. Data that is lost
//! on the way is sent again, so a partition delays data and does not lose it, until the sender gives up. There are no
//! datagrams, and no keepalive.
//!
//! A host may have a program of its own ([`SimNet::boot`]), with its own system. A crash, by hand or by the seed, ends it at
//! once, and a restart begins it anew. With `otp::sim::cluster`, the programs are nodes of a cluster.
//!
//! # What the seed decides
//!
//! * Which of the tasks that can run is polled next. A *step* is one poll. Other tasks may run before each future of
//!   the library has an effect or is ready: between any two messages, before each call, each start, each sleep.
//! * Whether a call runs its callee inline or has it scheduled.
//! * In which order timers with the same deadline fire.
//! * When a blocking job runs: as a whole, on the only thread. It must not wait for other tasks.
//! * The numbers of [`System::random`](otp_core::System::random).
//! * How long data that is sent through a socket takes, and in which pieces it arrives.
//! * Which fault happens when, and to which process, connection or host.
//!
//! The time is virtual. A step takes one microsecond; when all tasks wait, the time jumps to the next deadline. The
//! wall clock, [`System::system_time`](otp_core::System::system_time), begins in 2020 and moves with it.
//!
//! Equal seeds give equal runs, on every machine and in every build of the same program: [`Checked::hash`] proves it.
//! Another program, or the same one after a change, takes other steps: keep the program with the seed.
//!
//! # What it does not decide
//!
//! Everything that bypasses the seam is not simulated: files, sockets of an executor, your own threads, the clock and
//! the timers of another runtime, `std::time::Instant::now`, the order of a `HashMap`, random numbers from elsewhere,
//! values that outlive a run. Some of it is detected:
//!
//! * A thread that wakes a task or sends something in the middle of a run makes the run fail, with the thread's name.
//!   This includes the drivers of tokio and async-io, which have their own threads.
//! * A run that waits for something that is not simulated is a deadlock, whose report says so.
//! * A failure that does not come back when its seed is run again is reported as such.
//!
//! tokio's types that need its reactor or its timer panic when they are used, because neither exists here.
//!
//! # Sources
//!
//! FoundationDB is tested as a program in a simulated world with seeded faults: Zhou and others, "FoundationDB: A
//! Distributed Unbundled Transactional Key Value Store", SIGMOD 2021. The policy [`Policy::Pct`] is that of Burckhardt
//! and others, ASPLOS 2010. Bounded preemptions, in [`Explore`], are those of Musuvathi and Qadeer, PLDI 2007.
//! Schedules are simplified by delta debugging: Zeller and Hildebrandt, IEEE TSE 2002.

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
mod life;
mod net;
mod policy;
mod programs;
mod recording;
mod run;
mod runtime;
mod schedule;
mod shared;
mod shrink;
mod state;
mod tail;
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
pub use here::{always, net, note, raise, seed, set_faults};
pub use net::SimNet;
pub use policy::Policy;
pub use run::run;
pub use runtime::SimRuntime;
pub use schedule::{ParseScheduleError, Schedule};

//! The seam between the library and an executor.
//!
//! A backend implements [`Runtime`]: six small methods, [`net`](Runtime::net) if it has sockets, and
//! [`signals`](Runtime::signals) if it has them. A simulator also
//! implements [`Director`], to decide what executors leave open. Everything that differs between executors (what
//! dropping a handle does, where a panic goes, what happens to a task when its executor is dropped) is decided once,
//! above this seam, so that a backend cannot get it subtly wrong. The crate `otp-runtime-test` contains the conformance
//! suite for backends.

mod clock;
mod director;
mod entered;
mod instant;
pub mod net;
mod park;
mod run;
mod seam;
mod signal;
mod sleep;
mod task;

pub use crate::exit::silence_panics;
pub use director::{Delivery, Director, Step};
pub use entered::Entered;
pub use instant::Instant;
pub(crate) use park::block_on;
pub use run::{Ran, run};
pub use seam::{BoxTimer, Executor, NestedRun, Runtime, Timer};
pub use signal::{OsSignal, OsSignals, SignalsError};
pub use sleep::Sleep;
pub(crate) use task::Run;
pub use task::{Job, Task};

//! The pure part of a supervisor, against models that are too simple to be wrong.

mod backoff;
mod children;
mod intensity;
mod model;
mod rules;

use std::sync::LazyLock;
use std::time::Duration;

use otp_core::runtime::Instant;
use otp_core::{Pid, Process, ProcessContext};

use crate::policy::Restart;
use crate::spec::ChildSpec;

/// A spec whose child is never started.
fn spec(id: impl Into<otp_core::Label>, restart: Restart) -> ChildSpec {
    ChildSpec::worker(id, async |_: Process| Pid::SYSTEM).restart(restart)
}

/// Different pids. Only a system makes them.
static PIDS: LazyLock<Vec<Pid>> = LazyLock::new(|| {
    let spawn = async |system: otp_core::System| {
        (0..2000).map(|_| system.spawn(async |_: ProcessContext<()>| {}).pid()).collect()
    };
    otp::tokio::TokioExecutor::current_thread().run(spawn).unwrap()
});

fn at(millis: u64) -> Instant {
    Instant::ORIGIN + Duration::from_millis(millis)
}

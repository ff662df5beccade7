use std::fmt;
use std::io;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Instant as StdInstant;

use async_executor::Executor;
#[cfg(feature = "net")]
use otp_core::runtime::net::{NoNet, Sockets};
use otp_core::runtime::{BoxTimer, Instant, Job, Runtime, Task};
#[cfg(all(feature = "signal", unix))]
use otp_core::runtime::{OsSignals, SignalsError};

#[cfg(feature = "net")]
use crate::net::SmolSockets;
use crate::timer::SmolTimer;

/// Runs processes on an async-executor that the program already runs, or on smol's global one.
#[derive(Clone)]
pub struct SmolRuntime {
    executor: Target,
    origin: StdInstant,
}

#[derive(Clone)]
enum Target {
    Global,
    /// Weak, so that processes do not keep their executor alive.
    Own(Weak<Executor<'static>>),
}

impl SmolRuntime {
    /// Makes a backend from smol's global executor, which runs on its own threads (`SMOL_THREADS` of them, one by
    /// default).
    pub fn global() -> SmolRuntime {
        SmolRuntime { executor: Target::Global, origin: StdInstant::now() }
    }

    /// Makes a backend from an executor that the caller runs. When its last `Arc` is dropped, the processes on it end.
    pub fn new(executor: &Arc<Executor<'static>>) -> SmolRuntime {
        SmolRuntime { executor: Target::Own(Arc::downgrade(executor)), origin: StdInstant::now() }
    }
}

impl Runtime for SmolRuntime {
    fn name(&self) -> &'static str {
        "smol"
    }

    fn spawn(&self, task: Task) {
        match &self.executor {
            Target::Global => smol::spawn(task).detach(),
            Target::Own(executor) => {
                // The task is dropped if the executor is gone.
                if let Some(executor) = executor.upgrade() {
                    executor.spawn(task).detach();
                }
            }
        }
    }

    fn spawn_blocking(&self, job: Job) {
        if !self.is_gone() {
            blocking::unblock(move || job.run()).detach();
        }
    }

    fn spawn_thread(&self, name: &str, task: Task) -> io::Result<()> {
        // Neither async-executor nor async-io depends on the thread.
        thread::Builder::new().name(name.to_owned()).spawn(move || task.run()).map(drop)
    }

    fn timer(&self, deadline: Instant) -> BoxTimer {
        Box::pin(SmolTimer::new(self.origin, deadline))
    }

    fn now(&self) -> Instant {
        Instant::ORIGIN + self.origin.elapsed()
    }

    fn is_entered(&self) -> bool {
        // Neither async-executor nor async-io depends on the thread.
        true
    }

    fn is_gone(&self) -> bool {
        // An async-executor that is dropped drops the tasks in its queue, and forgets a task that another thread adds
        // later. Either the executor sees the added task, or this sees that the executor is gone.
        fence(Ordering::SeqCst);
        matches!(&self.executor, Target::Own(executor) if executor.strong_count() == 0)
    }

    fn random(&self) -> u64 {
        fastrand::u64(..)
    }

    fn secure_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        getrandom::getrandom(bytes).map_err(io::Error::other)
    }

    #[cfg(all(feature = "signal", unix))]
    fn signals(&self) -> Result<OsSignals, SignalsError> {
        Ok(crate::signal::listen()?)
    }

    #[cfg(feature = "net")]
    fn net(&self) -> Result<Arc<dyn Sockets>, NoNet> {
        Ok(Arc::new(SmolSockets))
    }
}

impl fmt::Debug for SmolRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.executor {
            Target::Global => "SmolRuntime(global)",
            Target::Own(_) => "SmolRuntime(own)",
        })
    }
}

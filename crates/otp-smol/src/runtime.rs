use std::fmt;
use std::sync::atomic::{Ordering, fence};
use std::sync::{Arc, Weak};
use std::time::Instant as StdInstant;

use async_executor::Executor;
#[cfg(feature = "net")]
use otp_core::runtime::net::{NoNet, Sockets};
use otp_core::runtime::{BoxTimer, Instant, Job, Runtime, Task};

#[cfg(feature = "net")]
use crate::net::SmolSockets;
use crate::timer::SmolTimer;

/// An async-executor that somebody else runs, or smol's global one, as a backend.
#[derive(Clone)]
pub struct SmolRuntime {
    executor: Target,
    origin: StdInstant,
}

#[derive(Clone)]
enum Target {
    Global,
    /// Weak, so that processes do not keep the executor alive that runs them.
    Own(Weak<Executor<'static>>),
}

impl SmolRuntime {
    /// smol's global executor, which runs on threads of its own (`SMOL_THREADS` of them, one by default).
    pub fn global() -> SmolRuntime {
        SmolRuntime { executor: Target::Global, origin: StdInstant::now() }
    }

    /// An executor that the caller runs. When its last `Arc` is dropped, the processes on it end.
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

    fn timer(&self, deadline: Instant) -> BoxTimer {
        Box::pin(SmolTimer::new(self.origin, deadline))
    }

    fn now(&self) -> Instant {
        Instant::ORIGIN + self.origin.elapsed()
    }

    fn is_entered(&self) -> bool {
        // Neither async-executor nor async-io needs anything of a thread.
        true
    }

    fn is_gone(&self) -> bool {
        // An async-executor that is dropped drops what is in its queue, and forgets what another thread puts there later.
        // Either that sees what was put there, or this sees that it is gone.
        fence(Ordering::SeqCst);
        matches!(&self.executor, Target::Own(executor) if executor.strong_count() == 0)
    }

    fn random(&self) -> u64 {
        fastrand::u64(..)
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

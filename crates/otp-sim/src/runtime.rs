use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::sync::{Arc, PoisonError};
use std::time::{Duration, SystemTime};

use futures::channel::mpsc;
use otp_core::runtime::net::{NoNet, Sockets};
use otp_core::runtime::{BoxTimer, Director, Instant, Job, OsSignals, Runtime, SignalsError, Task};

use crate::life::Life;
use crate::net::SimSockets;
use crate::shared::Shared;
use crate::timer::SimTimer;

/// The runtime of a [`SimExecutor`](crate::SimExecutor): on the host [`SimNet::MAIN`](crate::SimNet::MAIN), or on another
/// host, from [`SimNet::runtime`](crate::SimNet::runtime) or [`SimNet::boot`](crate::SimNet::boot).
#[derive(Clone)]
pub struct SimRuntime {
    shared: Arc<Shared>,
    /// The life on the host whose sockets this runtime has.
    life: Arc<Life>,
}

impl SimRuntime {
    pub(crate) fn new(shared: Arc<Shared>) -> SimRuntime {
        let life = shared.lock().lives[Life::MAIN as usize].clone();
        SimRuntime::of(shared, life)
    }

    pub(crate) fn of(shared: Arc<Shared>, life: Arc<Life>) -> SimRuntime {
        SimRuntime { shared, life }
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn life(&self) -> &Arc<Life> {
        &self.life
    }
}

impl Runtime for SimRuntime {
    fn name(&self) -> &'static str {
        "sim"
    }

    fn parallelism(&self) -> NonZeroUsize {
        // The same number on every machine, and more than one, so that code that divides its work is tested.
        const { NonZeroUsize::new(4).unwrap() }
    }

    fn spawn(&self, task: Task) {
        // A refused task is dropped here, without the lock.
        let refused = self.shared.spawn(&self.life, task);
        drop(refused);
    }

    fn spawn_blocking(&self, job: Job) {
        let refused = self.shared.spawn_blocking(&self.life, job);
        drop(refused);
    }

    /// Runs the task on the only thread of the simulation: code that blocks it blocks the simulation.
    fn spawn_thread(&self, _name: &str, task: Task) -> io::Result<()> {
        self.spawn(task);
        Ok(())
    }

    /// Refuses the job: a simulation has one thread, and code that holds it hangs the test.
    fn spawn_beside(&self, job: Job) -> Result<(), Job> {
        Err(job)
    }

    fn timer(&self, deadline: Instant) -> BoxTimer {
        Box::pin(SimTimer::new(self.shared.clone(), deadline))
    }

    fn now(&self) -> Instant {
        self.shared.now()
    }

    fn random(&self) -> u64 {
        self.shared.random()
    }

    /// Draws them from the seed, as everything: whoever knows it can guess them.
    fn secure_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.shared.random().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }

    fn net(&self) -> Result<Arc<dyn Sockets>, NoNet> {
        Ok(Arc::new(SimSockets::new(self.shared.clone(), &self.life.host)))
    }

    /// Listens to the signals that the test [raises](crate::raise).
    fn signals(&self) -> Result<OsSignals, SignalsError> {
        let (listener, signals) = mpsc::unbounded();
        self.shared.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(listener);
        Ok(OsSignals::new(signals))
    }

    /// Begins at the first second of 2020 and moves with the virtual time, unless a fault sets it.
    fn system_time(&self) -> SystemTime {
        const START: Duration = Duration::from_secs(1_577_836_800);
        let time = SystemTime::UNIX_EPOCH + START + (self.now() - Instant::ORIGIN);
        let jumped = self.shared.wall();
        let by = Duration::from_nanos(jumped.unsigned_abs());
        if jumped < 0 { time.checked_sub(by).unwrap_or(SystemTime::UNIX_EPOCH) } else { time + by }
    }

    fn director(&self) -> Option<Arc<dyn Director>> {
        Some(Arc::new(self.clone()))
    }
}

impl fmt::Debug for SimRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SimRuntime")
    }
}

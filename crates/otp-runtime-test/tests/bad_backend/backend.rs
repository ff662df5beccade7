use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use otp_core::runtime::net::{NoNet, Sockets};
use otp_core::runtime::{BoxTimer, Entered, Executor, Instant, Job, NestedRun, Runtime, Task};
use otp_runtime_test::{Backend, OwnedBackend};
use otp_tokio::TokioExecutor;

use crate::fault::Fault;
use crate::net::BadSockets;
use crate::task::{BadTask, Busy, Polled, polling};
use crate::timer::BadTimer;

/// tokio on one thread, with a fault.
pub(crate) struct BadBackend {
    fault: Fault,
    patience: Duration,
    over: Arc<AtomicBool>,
}

impl BadBackend {
    pub(crate) fn new(fault: Fault, patience: Duration) -> BadBackend {
        BadBackend { fault, patience, over: Arc::default() }
    }

    /// The test is over: whatever spins because of the fault is to stop.
    pub(crate) fn is_over(&self) {
        self.over.store(true, Ordering::SeqCst);
    }
}

impl Backend for BadBackend {
    fn executor(&self) -> Box<dyn Executor + Send> {
        let good = TokioExecutor::current_thread();
        let runtime = BadRuntime {
            good: good.runtime(),
            fault: self.fault,
            over: self.over.clone(),
            dead: Arc::default(),
            tasks: AtomicU64::new(0),
            timers: AtomicU64::new(0),
            readings: AtomicU64::new(0),
        };
        Box::new(BadExecutor { good, runtime: Arc::new(runtime) })
    }

    fn patience(&self) -> Duration {
        self.patience
    }
}

impl OwnedBackend for BadBackend {}

struct BadExecutor {
    good: TokioExecutor,
    runtime: Arc<BadRuntime>,
}

impl Executor for BadExecutor {
    fn runtime(&self) -> Arc<dyn Runtime> {
        self.runtime.clone()
    }

    fn block_on(&self, mut main: Pin<&mut dyn Future<Output = ()>>) -> Result<(), NestedRun> {
        let fault = self.runtime.fault;
        let main_on_this_thread = pin!(std::future::poll_fn(|cx| {
            // What is left of a test that hung ends here.
            assert!(!self.runtime.over.load(Ordering::SeqCst), "the test is over");
            let _busy = Busy::with(Polled::Main);
            match main.as_mut().poll(cx) {
                Poll::Pending if fault == Fault::ReturnsEarly => Poll::Ready(()),
                poll => poll,
            }
        }));
        let result = self.good.block_on(main_on_this_thread);
        if fault == Fault::StaysEntered {
            std::mem::forget(Entered::enter("bad"));
        }
        match (fault, result) {
            (Fault::NestsRuns, Err(_)) => {
                futures::executor::block_on(main);
                Ok(())
            }
            (Fault::PollsBeforeRefusing, Err(error)) => {
                let _ = main.as_mut().poll(&mut Context::from_waker(Waker::noop()));
                Err(error)
            }
            (Fault::RefusesUnclearly, Err(_)) => Err(NestedRun::new("another")),
            (_, result) => result,
        }
    }
}

impl Drop for BadExecutor {
    fn drop(&mut self) {
        self.runtime.dead.store(true, Ordering::SeqCst);
    }
}

struct BadRuntime {
    good: Arc<dyn Runtime>,
    fault: Fault,
    over: Arc<AtomicBool>,
    dead: Arc<AtomicBool>,
    tasks: AtomicU64,
    timers: AtomicU64,
    readings: AtomicU64,
}

impl BadRuntime {
    fn is_dead(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
    }
}

impl Runtime for BadRuntime {
    fn name(&self) -> &'static str {
        self.good.name()
    }

    fn spawn(&self, mut task: Task) {
        let nth = self.tasks.fetch_add(1, Ordering::Relaxed);
        match self.fault {
            Fault::DropsTasks => return,
            Fault::DropsTasksBeyondAThousand if nth >= 1000 => return,
            Fault::RefusesForeignSpawns if polling().is_none() => return,
            Fault::IsNotReentrant if polling() == Some(Polled::Task) => panic!("spawn waits for itself"),
            Fault::PanicsOnceDead if self.is_dead() => panic!("the executor has gone"),
            Fault::LeaksLateTasks if self.is_dead() => return std::mem::forget(task),
            Fault::RunsTheDead if self.is_dead() => {
                let _ = Pin::new(&mut task).poll(&mut Context::from_waker(Waker::noop()));
                return;
            }
            _ => {}
        }
        self.good.spawn(Task::new(BadTask::new(task, self.fault, self.over.clone())));
    }

    fn spawn_blocking(&self, job: Job) {
        match self.fault {
            Fault::BlocksInline => job.run(),
            Fault::DropsJobs => drop(job),
            Fault::LeaksTasks if self.is_dead() => std::mem::forget(job),
            Fault::RunsTheDead if self.is_dead() => job.run(),
            _ => self.good.spawn_blocking(job),
        }
    }

    fn spawn_thread(&self, _name: &str, mut task: Task) -> io::Result<()> {
        match self.fault {
            Fault::DropsThreads => return Ok(()),
            Fault::PollsThreadsAtOnce => {
                let _ = Pin::new(&mut task).poll(&mut Context::from_waker(Waker::noop()));
            }
            _ => {}
        }
        // As by default.
        self.spawn_blocking(Job::new(move || task.run()));
        Ok(())
    }

    fn timer(&self, deadline: Instant) -> BoxTimer {
        let nth = self.timers.fetch_add(1, Ordering::Relaxed);
        let is_bound = matches!(self.fault, Fault::RefusesForeignTimers | Fault::IsEnteredEverywhere);
        assert!(!is_bound || polling().is_some(), "no executor runs here");
        Box::pin(BadTimer::new(self.good.clone(), self.fault, self.dead.clone(), nth, deadline))
    }

    fn now(&self) -> Instant {
        let nth = self.readings.fetch_add(1, Ordering::Relaxed);
        let now = self.good.now();
        match self.fault {
            Fault::ClockJumpsBack if nth % 16 == 15 => Instant::from_nanos(now.as_nanos() / 2),
            Fault::ClockStands => Instant::ORIGIN,
            _ => now,
        }
    }

    fn poll_again(&self, waker: &Waker) {
        match self.fault {
            Fault::ForgetsToPollAgain => {}
            Fault::PollsAgainAtOnce => waker.wake_by_ref(),
            _ => self.good.poll_again(waker),
        }
    }

    fn is_entered(&self) -> bool {
        self.fault == Fault::IsEnteredEverywhere
    }

    fn net(&self) -> Result<Arc<dyn Sockets>, NoNet> {
        let (good, runtime) = (self.good.net()?, self.good.clone());
        Ok(Arc::new(BadSockets { good, runtime, fault: self.fault, dead: self.dead.clone() }))
    }

    fn random(&self) -> u64 {
        if self.fault == Fault::NotRandom { 4 } else { self.good.random() }
    }

    fn secure_random(&self, bytes: &mut [u8]) -> io::Result<()> {
        match self.fault {
            Fault::NotRandom => bytes.fill(4),
            Fault::RandomStopsShort => self.good.secure_random(&mut bytes[..32])?,
            _ => self.good.secure_random(bytes)?,
        }
        Ok(())
    }
}

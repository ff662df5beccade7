use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, Thread};
use std::time::Duration;

use otp_core::runtime::Job;
use otp_core::{Callee, Label, Process, ProcessContext, ProcessRef, SpawnOptions, Spawner, System};
use otp_supervisor::ChildSpec;

use crate::busy::is_busy;
use crate::event::HealthEvent;
use crate::figures::Board;
use crate::sample::{Finding, Samples};

/// Reports handlers that run for longer than a limit: in servers and other behaviours those that wait for something that
/// does not come, and in any process code that holds its thread, such as an endless loop or a blocking call.
///
/// It looks at all processes at an interval, and compares what they did with the last look; nothing is measured in the
/// processes themselves. So a handler is reported at the first look at which it has been seen for the limit: at most two
/// intervals late, and its time is short by at most one interval. A look costs about a tenth of a microsecond for each
/// process.
///
/// It looks from a thread of its own, so that code that holds the only thread of an executor is reported, too. In the
/// simulator, which has one thread in all, it is an ordinary process, and looks in virtual time: there a handler that holds
/// the thread hangs the test.
///
/// Each finding is a [`HealthEvent::Stuck`], which is logged; and again each time that its time has doubled. A handler that
/// [may take](crate::MayTake::may_take) its time is left out. Starts count, too: `init` is reported as "starting", and so is
/// the supervisor that waits for it.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::time::Duration;
///
/// use otp::health::{HealthEvent, Watchdog};
/// use otp::prelude::*;
///
/// struct Clerk;
///
/// #[gen_server]
/// impl Clerk {
///     #[init]
///     fn init((): ()) -> Self {
///         Clerk
///     }
///
///     #[cast]
///     async fn wait_for_ever(&mut self) {
///         std::future::pending::<()>().await
///     }
/// }
///
/// let mut events = system.subscribe();
/// let moment = Duration::from_millis(5);
/// let watchdog = Watchdog::new().limit(moment).interval(moment).start(&system);
/// let clerk = Clerk::start(&system, ()).await.unwrap();
/// clerk.wait_for_ever();
/// let doing = loop {
///     if let Some(HealthEvent::Stuck { doing, .. }) = events.next().await.downcast_ref() {
///         break doing.clone();
///     }
/// };
/// assert_eq!(doing.as_str(), "handling a cast");
/// # }).unwrap();
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Watchdog {
    limit: Duration,
    interval: Duration,
}

impl Watchdog {
    /// Makes a watchdog that looks every second for handlers that have run for ten seconds.
    pub fn new() -> Watchdog {
        Watchdog { limit: Duration::from_secs(10), interval: Duration::from_secs(1) }
    }

    /// Sets the time that a handler may take.
    pub fn limit(mut self, limit: Duration) -> Watchdog {
        self.limit = limit;
        self
    }

    /// Sets the time between two looks; at least a millisecond.
    pub fn interval(mut self, interval: Duration) -> Watchdog {
        self.interval = interval.max(Duration::from_millis(1));
        self
    }

    /// Makes the spec of a watchdog as a child of a supervisor, with the id `watchdog`.
    pub fn supervised(self) -> ChildSpec<ProcessRef<()>> {
        ChildSpec::worker("watchdog", async move |supervisor: Process| self.start(&supervisor))
    }

    /// Starts a watchdog, linked to the process that starts it, if there is one. It ends with its process, and with the
    /// system.
    pub fn start(self, on: &impl Spawner) -> ProcessRef<()> {
        let options = SpawnOptions::new().label("watchdog");
        let body = move |ctx: ProcessContext<()>| self.run(ctx);
        let spawned = match on.process() {
            Some(process) => process.spawn_with(options.link(), body),
            None => on.system().spawn_with(options, body),
        };
        spawned.expect("it has no name").process
    }

    async fn run(self, mut ctx: ProcessContext<()>) {
        let system = ctx.system().clone();
        let watch = Arc::new(Watch { ended: AtomicBool::new(false), thread: OnceLock::new() });
        let _end = End(watch.clone());
        let (mut samples, of) = (Samples::default(), system.clone());
        let job = Job::new(move || {
            let _ = watch.thread.set(thread::current());
            while !watch.ended.load(Ordering::Acquire) {
                self.look(&of, &mut samples);
                thread::park_timeout(self.interval);
            }
        });
        if system.runtime().spawn_beside(job).is_ok() {
            loop {
                ctx.receive().await;
            }
        }
        let mut samples = Samples::default();
        loop {
            self.look(&system, &mut samples);
            ctx.receive_timeout(self.interval).await;
        }
    }

    /// Looks at all processes once, and reports what is found.
    fn look(self, system: &System, samples: &mut Samples) {
        let all = system.processes().into_iter().filter_map(|pid| system.activity(pid));
        // Most wait for a message: then it is not asked whether they may take their time.
        let all = all.filter(|activity| activity.is_busy() && !is_busy(system, activity.pid));
        let (found, figures) = samples.look(system.now(), self.limit, all);
        system.slot::<Board>().set(figures);
        for finding in found {
            system.report(|| match finding {
                Finding::Stuck { pid, doing, since, holds_thread } => {
                    let info = system.info(pid);
                    let queue = info.as_ref().map_or(0, |info| info.queue);
                    // Its own status text says more.
                    let doing = info.map_or(Label::from_static(doing.as_str()), |info| info.doing);
                    HealthEvent::Stuck { process: Callee::of(system, pid), doing, since, holds_thread, queue }
                }
                Finding::Over { pid, doing, after } => {
                    HealthEvent::Over { pid, doing: Label::from_static(doing.as_str()), after }
                }
            });
        }
    }
}

impl Default for Watchdog {
    fn default() -> Watchdog {
        Watchdog::new()
    }
}

/// What the thread and the process of a watchdog share.
struct Watch {
    ended: AtomicBool,
    thread: OnceLock<Thread>,
}

/// Ends the thread with the process.
struct End(Arc<Watch>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.ended.store(true, Ordering::Release);
        if let Some(thread) = self.0.thread.get() {
            thread.unpark();
        }
    }
}

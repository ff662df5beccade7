use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use metrics::Recorder;
use otp_core::event::{HookGuard, SpectatorGuard};
use otp_core::{Process, ProcessContext, ProcessRef, SpawnOptions, Spawner, System};
use otp_supervisor::ChildSpec;

use super::heard::Hearing;
use super::kinds::Kinds;
use super::look::{Found, Looking};
use super::seen::Counting;
use super::sink::{Sink, recording};

/// Reports metrics of a system to a recorder of the crate [`metrics`]: processes, calls and how long they take, messages and
/// how long they wait, restarts, crashes, mailboxes, pools, tables, topics. [`METRICS`](crate::METRICS) and the page
/// `docs/telemetry.md` list them.
///
/// It is a process that belongs into a supervision tree as its first child. What happens is counted where it happens. How
/// many processes there are and how much waits for them is sampled: at an interval it looks at all processes, some at a
/// time, and lets others run in between. It rests after each look for at least twenty times as long as the look took.
///
/// Labels name the type of a process, or its [label](Metrics::by_label), never its pid. There are at most as many values of
/// a label as the [limit](Metrics::limit) says.
///
/// # On exit, on restart
///
/// When the process ends, nothing is counted any more. Counters go on when it is started again, from where they were: what
/// happened in between, and before the first start, is missing in all of them.
///
/// # Panics
///
/// A panic of the recorder is logged under `otp::telemetry`, and affects nothing else. The recorder is called in the middle
/// of what processes do, and must not block. What the recorder itself does in this library is not counted.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::prelude::*;
/// use otp::telemetry::Metrics;
///
/// struct Counter(i64);
///
/// #[gen_server]
/// impl Counter {
///     #[init]
///     fn init(start: i64) -> Self {
///         Counter(start)
///     }
///
///     #[call]
///     fn add(&mut self, n: i64) -> i64 {
///         self.0 += n;
///         self.0
///     }
/// }
///
/// // An exporter was installed before: `PrometheusBuilder::new().install_recorder()`, for example.
/// let tree = Supervisor::new(Strategy::OneForOne).child(Metrics::new().supervised()).child(Counter::child(40));
/// assert!(tree.start(&system).await.is_ok());
/// # }).unwrap();
/// ```
#[must_use]
#[derive(Clone)]
pub struct Metrics {
    sink: Sink,
    interval: Duration,
    by_label: bool,
    limit: usize,
    one_in: u32,
}

/// How many processes are looked at in a row.
const PIECE: usize = 128;

/// How many times longer than a look the rest after it is, at least.
const REST: u32 = 20;

impl Metrics {
    /// Reports to the recorder that is installed in the program, [`metrics::set_global_recorder`], when the process starts.
    pub fn new() -> Metrics {
        Metrics { sink: Sink::global(), interval: Duration::from_secs(10), by_label: false, limit: 256, one_in: 64 }
    }

    /// Reports to this recorder.
    pub fn recorder(mut self, recorder: impl Recorder + Send + Sync + 'static) -> Metrics {
        self.sink = Sink::of(recorder);
        self
    }

    /// Sets the time between two looks at all processes: ten seconds by default, at least a millisecond.
    pub fn interval(mut self, interval: Duration) -> Metrics {
        self.interval = interval.max(Duration::from_millis(1));
        self
    }

    /// Labels metrics by the labels of processes: the one that was set, else the name, else the type. By default they are
    /// labelled by type; of processes that are no behaviour, such as tasks, it is `process`.
    ///
    /// For programs that give labels to few processes. It costs a lock for each run of a process.
    pub fn by_label(mut self) -> Metrics {
        self.by_label = true;
        self
    }

    /// Sets how many values a label may have: 256 by default. What comes later counts as `(other)`.
    pub fn limit(mut self, limit: usize) -> Metrics {
        self.limit = limit;
        self
    }

    /// Times the wait in the mailbox of one message in so many: 64 by default. Each of these needs three more allocations.
    /// With zero no message is timed.
    pub fn time_one_in(mut self, messages: u32) -> Metrics {
        self.one_in = messages;
        self
    }

    /// Makes the spec of a child of a supervisor, with the id `metrics`.
    pub fn supervised(self) -> ChildSpec<ProcessRef<()>> {
        ChildSpec::worker("metrics", async move |supervisor: Process| self.clone().start(&supervisor))
    }

    /// Starts to report, until the returned process ends. It is linked to the process that starts it, if there is one.
    pub fn start(self, on: &impl Spawner) -> ProcessRef<()> {
        // Before it returns, so that what is started next is counted.
        let begun = self.begin(on.system());
        let options = SpawnOptions::new().label("metrics");
        let body = async move |ctx| match begun {
            Some(begun) => begun.run(ctx, self.interval).await,
            // The recorder has panicked, and would do so again.
            None => std::future::pending().await,
        };
        let spawned = match on.process() {
            Some(process) => process.spawn_with(options.link(), body),
            None => on.system().spawn_with(options, body),
        };
        spawned.expect("it has no name").process
    }

    fn begin(&self, system: &System) -> Option<Reporting> {
        let mut begun = None;
        recording(|| {
            self.sink.describe();
            let kinds = Arc::new(Kinds::new(self.sink.clone(), self.by_label, self.limit));
            begun = Some((Looking::new(system.clone(), kinds.clone(), self.limit), kinds));
        });
        let (looking, kinds) = begun?;
        let hearing = Hearing::new(system.clone(), kinds.clone(), self.limit);
        Some(Reporting {
            _hook: system.on_event(move |event| hearing.hear(event)),
            _seat: system.spectate(Arc::new(Counting::new(kinds, self.one_in))),
            looking,
        })
    }
}

/// What runs as long as metrics are reported.
struct Reporting {
    _hook: HookGuard,
    _seat: SpectatorGuard,
    looking: Looking,
}

impl Reporting {
    async fn run(mut self, mut ctx: ProcessContext<()>, interval: Duration) {
        let system = ctx.system().clone();
        self.looking = self.looking.by(ctx.pid());
        loop {
            let took = look(&system, &mut self.looking).await;
            ctx.receive_timeout(interval.max(took * REST)).await;
        }
    }
}

/// Looks at all processes once; returns how long that took, without the time in which others ran.
async fn look(system: &System, looking: &mut Looking) -> Duration {
    let mut found = Found::default();
    let mut took = Duration::ZERO;
    for part in 0..System::PARTS {
        let mut start = system.now();
        let processes = system.processes_in(part);
        for piece in processes.chunks(PIECE) {
            looking.at(piece, &mut found);
            took += system.now() - start;
            otp_core::yield_now().await;
            start = system.now();
        }
    }
    looking.report(found);
    took
}

impl Default for Metrics {
    fn default() -> Metrics {
        Metrics::new()
    }
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut metrics = f.debug_struct("Metrics");
        let metrics = metrics.field("interval", &self.interval).field("by_label", &self.by_label);
        metrics.field("limit", &self.limit).field("time_one_in", &self.one_in).finish_non_exhaustive()
    }
}

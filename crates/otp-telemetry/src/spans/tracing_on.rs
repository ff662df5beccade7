use std::sync::Arc;

use otp_core::{Process, ProcessContext, ProcessRef, SpawnOptions, Spawner};
use otp_supervisor::ChildSpec;

use super::opening::Opening;

/// Opens a span of the crate [`tracing`] for each message that a process handles, and for the start of each process. Its
/// parent is the span in which the message was sent, the timer was set, or the process was started: so a trace goes on
/// across calls, casts, tasks and timers, over as many processes as there are.
///
/// The subscriber of the program decides what becomes of the spans: `tracing-opentelemetry` exports them. [`SPANS`](crate::SPANS)
/// and the page `docs/telemetry.md` list them. Their target is `otp::span`, their level info. Where the subscriber filters
/// one out, what its process sends belongs to the span before.
///
/// It is a process that belongs into a supervision tree, before the children that are to be traced. As long as it runs,
/// a message that is sent within a span takes three more allocations; all others take none.
///
/// The spans of what [intervals](otp_core::System::send_interval) send have no parent, and those of signals, such as an exit.
///
/// # On exit, on restart
///
/// When the process ends, no span is opened any more; those that are open are closed as usual.
///
/// # Panics
///
/// A panic of the subscriber is caught, and affects nothing else. It is called in the middle of what processes do, and must
/// not block. What the subscriber itself does in this library is not traced.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::prelude::*;
/// use otp::telemetry::Spans;
/// use tracing::info;
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
///         info!(n, "this belongs to the span of the handler");
///         self.0 += n;
///         self.0
///     }
/// }
///
/// let _spans = Spans::new().start(&system);
/// let counter = Counter::start(&system, 40).await.unwrap();
/// assert_eq!(counter.add(2).await, Ok(42));
/// # }).unwrap();
/// ```
#[must_use]
#[derive(Clone, Copy, Debug)]
pub struct Spans {
    roots: bool,
    messages: bool,
}

impl Spans {
    /// Opens a span for each message.
    pub fn new() -> Spans {
        Spans { roots: true, messages: false }
    }

    /// Sets whether a message that was sent outside of any span gets a span. If not, a trace begins where your code opens a
    /// span, such as that of a request; everything else costs nearly nothing.
    pub fn roots(mut self, on: bool) -> Spans {
        self.roots = on;
        self
    }

    /// Sets whether spans have the message as a field, as its `Debug` writes it, cut after 1024 bytes. By default they do
    /// not: messages may be secret, or large.
    pub fn messages(mut self, on: bool) -> Spans {
        self.messages = on;
        self
    }

    /// Makes the spec of a child of a supervisor, with the id `spans`.
    pub fn supervised(self) -> ChildSpec<ProcessRef<()>> {
        ChildSpec::worker("spans", async move |supervisor: Process| self.start(&supervisor))
    }

    /// Starts to open spans, until the returned process ends. It is linked to the process that starts it, if there is one.
    pub fn start(self, on: &impl Spawner) -> ProcessRef<()> {
        // Before it returns, so that what is started next is traced.
        let seat = on.system().spectate(Arc::new(Opening { roots: self.roots, messages: self.messages }));
        let options = SpawnOptions::new().label("spans");
        let body = async move |mut ctx: ProcessContext<()>| {
            let _seat = seat;
            loop {
                ctx.receive().await;
            }
        };
        let spawned = match on.process() {
            Some(process) => process.spawn_with(options.link(), body),
            None => on.system().spawn_with(options, body),
        };
        spawned.expect("it has no name").process
    }
}

impl Default for Spans {
    fn default() -> Spans {
        Spans::new()
    }
}

use std::time::Duration;

use futures::FutureExt;
use otp_core::behaviour::{Mode, contain_future, end};
use otp_core::runtime::Instant;
use otp_core::{CallError, Callee, ExitReason, Label, Pid, Process, ProcessContext, SpawnOptions};
use otp_supervisor::Started;

use crate::busy::is_busy;
use crate::event::HealthEvent;
use crate::ping::ping;
use crate::probe::Probe;
use crate::unresponsive::Unresponsive;

/// How long a process that was ended may still run before it is reported, at least.
const GRACE: Duration = Duration::from_secs(1);

/// Starts the process that probes a child, and ends with it.
pub(crate) fn start<T: Started + Clone + Sync>(supervisor: &Process, id: Label, probe: Probe<T>, child: T) {
    let Some(pid) = child.pid() else { return };
    let options = SpawnOptions::new().label(format!("probe of {id}"));
    let prober =
        move |ctx: ProcessContext<()>| Prober { ctx, pid, child, probe, misses: 0, since: None, error: None }.run();
    // It has no name, and so nothing can fail.
    drop(supervisor.system().spawn_with(options, prober));
}

struct Prober<T> {
    ctx: ProcessContext<()>,
    pid: Pid,
    child: T,
    probe: Probe<T>,
    misses: u32,
    /// When the first of the misses was asked.
    since: Option<Instant>,
    error: Option<String>,
}

/// The outcome of one probe.
enum Outcome {
    Alive,
    Missed(Option<String>),
}

impl<T: Started + Clone + Sync> Prober<T> {
    async fn run(mut self) {
        self.ctx.monitor(self.pid);
        // Only the end of the child is received.
        while self.ctx.receive_timeout(self.probe.interval).await.is_none() {
            if !self.is_dead().await {
                continue;
            }
            let Some(about) = self.about() else { return };
            self.ctx.system().report(|| HealthEvent::Unresponsive(about.clone()));
            end(self.ctx.system(), self.pid, ExitReason::other(about));
            if self.ctx.receive_timeout(self.probe.timeout.max(GRACE)).await.is_none()
                && let Some(about) = self.about()
            {
                self.ctx.system().report(|| HealthEvent::Unstoppable(about));
                self.ctx.receive().await;
            }
            return;
        }
    }

    /// Probes once; true if that was one miss too many.
    async fn is_dead(&mut self) -> bool {
        let asked = self.ctx.system().now();
        if !self.is_busy()
            && let Outcome::Missed(error) = self.ask().await
            && !self.is_busy()
        {
            self.misses += 1;
            self.since.get_or_insert(asked);
            self.error = error;
        } else {
            (self.misses, self.since, self.error) = (0, None, None);
        }
        self.misses >= self.probe.misses
    }

    async fn ask(&self) -> Outcome {
        let Some(check) = &self.probe.check else { return self.ping().await.1 };
        let (check, child) = (check.clone(), self.child.clone());
        let checked = contain_future(move || check(child)).boxed();
        let missed = match self.ctx.system().timeout(self.probe.timeout, checked).await {
            Ok(Ok(Ok(()))) => return Outcome::Alive,
            Ok(Ok(Err(error))) => Some(error),
            Ok(Err(crash)) => Some(crash.to_string()),
            Err(_) => None,
        };
        match self.ping().await {
            (Some(Mode::Suspended), _) => Outcome::Alive,
            _ => Outcome::Missed(missed),
        }
    }

    async fn ping(&self) -> (Option<Mode>, Outcome) {
        match ping(self.ctx.system(), self.pid).timeout(self.probe.timeout).await {
            Ok(mode) => (Some(mode), Outcome::Alive),
            Err(CallError::Timeout { .. }) => (None, Outcome::Missed(None)),
            // It has ended, which is about to be told.
            Err(_) => (None, Outcome::Alive),
        }
    }

    fn is_busy(&self) -> bool {
        is_busy(self.ctx.system(), self.pid)
    }

    /// What is known of the child; `None` if it has ended.
    fn about(&self) -> Option<Unresponsive> {
        let system = self.ctx.system();
        let info = system.info(self.pid)?;
        let after = self.since.map_or(Duration::ZERO, |since| system.now() - since);
        let (misses, error) = (self.misses, self.error.clone());
        Some(Unresponsive { process: Callee::from(&info), after, misses, doing: info.doing, queue: info.queue, error })
    }
}

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::Shared;
use otp_core::behaviour::contain_future;
use otp_core::runtime::Instant;
use otp_core::{ProcessContext, SpawnOptions, System};

use super::check::Check;
use super::report::{CheckReport, HealthStatus};

/// How much longer than the run itself those wait who ask: it knows better why it has no answer.
const GRACE: Duration = Duration::from_millis(100);

/// A check, its last answer, and its run, if it runs.
pub(super) struct Entry {
    check: Check,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    last: Option<Outcome>,
    running: Option<Running>,
}

#[derive(Clone)]
struct Running {
    since: Instant,
    outcome: Shared<oneshot::Receiver<Outcome>>,
}

#[derive(Clone)]
struct Outcome {
    /// Why it failed.
    reason: Option<String>,
    took: Duration,
    at: Instant,
}

impl Entry {
    pub(super) fn new(check: Check) -> Entry {
        Entry { check, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer: a fresh one, that of the run that goes on, or that of a new run.
    pub(super) async fn ask(self: &Arc<Entry>, system: &System) -> CheckReport {
        let now = system.now();
        let running = match self.begin(system, now) {
            Ok(running) => running,
            Err(last) => return self.report(last, now),
        };
        let left = self.check.timeout.saturating_add(GRACE).saturating_sub(now - running.since);
        match system.timeout(left, running.outcome).await {
            Ok(Ok(outcome)) => self.report(outcome, system.now()),
            // It holds its thread, as its own time limit has not ended it.
            Ok(Err(oneshot::Canceled)) | Err(_) => {
                let now = system.now();
                let took = now - running.since;
                self.report(Outcome { reason: Some(format!("no answer for {took:?}")), took, at: now }, now)
            }
        }
    }

    /// The run whose answer is to be awaited, which is begun if there is none; or an answer that is fresh.
    fn begin(self: &Arc<Entry>, system: &System, now: Instant) -> Result<Running, Outcome> {
        let mut state = self.state();
        if let Some(running) = &state.running {
            return Ok(running.clone());
        }
        if let Some(last) = &state.last
            && now - last.at < self.check.max_age
        {
            return Err(last.clone());
        }
        let (tell, outcome) = oneshot::channel();
        let running = Running { since: now, outcome: outcome.shared() };
        state.running = Some(running.clone());
        drop(state);
        let run = Run { entry: self.clone(), system: system.clone(), since: now, tell: Some(tell) };
        let options = SpawnOptions::new().label(format!("health check {}", self.check.name));
        // It has no name, and so nothing can fail.
        drop(system.spawn_with(options, async move |_: ProcessContext<()>| run.run().await));
        Ok(running)
    }

    fn report(&self, outcome: Outcome, now: Instant) -> CheckReport {
        CheckReport {
            name: self.check.name.clone(),
            status: HealthStatus::of(outcome.reason.is_none()),
            reason: outcome.reason,
            took: outcome.took,
            age: now - outcome.at,
        }
    }
}

/// One run of a check; whatever becomes of it, it ends with an outcome.
struct Run {
    entry: Arc<Entry>,
    system: System,
    since: Instant,
    tell: Option<oneshot::Sender<Outcome>>,
}

impl Run {
    async fn run(mut self) {
        let Check { run, timeout, .. } = &self.entry.check;
        let system = self.system.clone();
        let checked = contain_future(|| run(system)).boxed();
        let reason = match self.system.timeout(*timeout, checked).await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(reason))) => Some(reason),
            Ok(Err(crash)) => Some(format!("the check panicked: {}", crash.message())),
            Err(_) => Some(format!("no answer within {timeout:?}")),
        };
        self.end(reason);
    }

    fn end(&mut self, reason: Option<String>) {
        let Some(tell) = self.tell.take() else { return };
        let at = self.system.now();
        let outcome = Outcome { reason, took: at - self.since, at };
        let mut state = self.entry.state();
        state.last = Some(outcome.clone());
        let running = state.running.take();
        drop(state);
        // Wakes those who wait, and they may be gone.
        let _ = tell.send(outcome);
        drop(running);
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.end(Some("the check was ended before it had an answer".to_owned()));
    }
}

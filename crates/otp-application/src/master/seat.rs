use std::sync::Arc;

use futures::channel::{mpsc, oneshot};
use otp_core::{ExitReason, Label, Pid, System};

use crate::controller::{Controller, State};
use crate::end::AppEnd;
use crate::event::ApplicationEvent;
use crate::halt::{self, Halt};
use crate::reload::{Reload, ReloadError};
use crate::spec::AppSpec;
use crate::start::{StartAppError, StartType};

/// The place of one start of an application among the others. What becomes of it is told through this once, and also if
/// the application's own process is killed, with which it is dropped.
pub(crate) struct Seat {
    system: System,
    spec: Arc<AppSpec>,
    turn: u64,
    start_type: StartType,
    requests: Option<(oneshot::Receiver<()>, mpsc::UnboundedReceiver<Reload>)>,
    is_over: bool,
}

/// What is told at the end.
enum Outcome {
    Failed(StartAppError),
    Stopped,
    Ended(ExitReason),
}

impl Seat {
    pub(crate) fn new(
        system: &System,
        spec: Arc<AppSpec>,
        turn: u64,
        start_type: StartType,
        stop: oneshot::Receiver<()>,
        reloads: mpsc::UnboundedReceiver<Reload>,
    ) -> Seat {
        let requests = Some((stop, reloads));
        Seat { system: system.clone(), spec, turn, start_type, requests, is_over: false }
    }

    pub(crate) fn name(&self) -> &Label {
        &self.spec.name
    }

    pub(super) fn spec(&self) -> &Arc<AppSpec> {
        &self.spec
    }

    pub(super) fn start_type(&self) -> StartType {
        self.start_type
    }

    pub(super) fn take_requests(&mut self) -> (oneshot::Receiver<()>, mpsc::UnboundedReceiver<Reload>) {
        self.requests.take().expect("an application is run once for each start")
    }

    /// The application's own process runs.
    pub(crate) fn taken_by(&mut self, master: Pid) {
        let controller = Controller::of(&self.system);
        let mut book = controller.lock();
        if let Some(active) = book.apps.get_mut(&self.spec.name).and_then(|entry| entry.active(self.turn)) {
            active.master = Some(master);
        }
    }

    /// The application runs.
    pub(super) fn started(&self, top: Pid) {
        let controller = Controller::of(&self.system);
        let mut guard = controller.lock();
        let (order, now) = (guard.next_turn(), self.system.now());
        let Some(entry) = guard.apps.get_mut(&self.spec.name) else { return };
        entry.state = match std::mem::replace(&mut entry.state, State::Stopped) {
            State::Starting(mut active) if active.turn == self.turn => {
                (active.order, active.top, active.since) = (order, Some(top), now);
                // It was asked to stop when the start was over already.
                if active.stop.is_some() { State::Running(active) } else { State::Stopping(active) }
            }
            other => other,
        };
        let starting = std::mem::take(&mut entry.starting);
        drop(guard);
        let (app, start_type) = (self.spec.name.clone(), self.start_type);
        self.system.report(|| ApplicationEvent::Started { app, start_type, top: Some(top) });
        tell(starting, &Ok(()));
    }

    /// The application did not start.
    pub(super) fn failed(self, error: StartAppError, end: AppEnd) {
        self.over(Outcome::Failed(error), end);
    }

    /// The application was stopped.
    pub(super) fn stopped(self, end: AppEnd) {
        self.over(Outcome::Stopped, end);
    }

    /// The application has ended by itself.
    pub(super) fn ended(self, reason: ExitReason, end: AppEnd) {
        self.over(Outcome::Ended(reason), end);
    }

    pub(super) fn reloaded(&self, outcome: &Result<bool, ReloadError>) {
        match outcome {
            Ok(false) => {}
            Ok(true) => self.system.report(|| ApplicationEvent::Reconfigured { app: self.spec.name.clone() }),
            Err(error) => self.system.report(|| ApplicationEvent::ReloadFailed(error.clone())),
        }
    }

    fn over(mut self, outcome: Outcome, end: AppEnd) {
        self.is_over = true;
        self.tell(outcome, end);
    }

    fn tell(&self, outcome: Outcome, mut end: AppEnd) {
        let controller = Controller::of(&self.system);
        let mut guard = controller.lock();
        let Some(entry) = guard.apps.get_mut(&self.spec.name) else { return };
        let Some(active) = entry.active(self.turn) else { return };
        let before = active.before.take();
        let was_asked = active.stop.is_none();
        let old = std::mem::replace(
            &mut entry.state,
            match (&outcome, before) {
                (Outcome::Ended(reason), _) if !was_asked => State::Ended(reason.clone()),
                // As in OTP, a start that fails does not change what the application was.
                (Outcome::Failed(_), Some(reason)) => State::Ended(reason),
                _ => State::Stopped,
            },
        );
        let (starting, stopping) = (std::mem::take(&mut entry.starting), std::mem::take(&mut entry.stopping));
        end.killed = std::mem::take(&mut entry.killed);
        drop(guard);
        drop(old);
        let (app, start_type) = (self.spec.name.clone(), self.start_type);
        let mut failed = None;
        let halt = match outcome {
            Outcome::Stopped => {
                self.system.report(|| ApplicationEvent::Stopped(end.clone()));
                None
            }
            Outcome::Ended(_) if was_asked => {
                self.system.report(|| ApplicationEvent::Stopped(end.clone()));
                None
            }
            Outcome::Ended(reason) => {
                self.system.report(|| ApplicationEvent::Ended { end: end.clone(), start_type });
                halts(start_type, &reason).then_some(Halt::ApplicationTerminated { app, reason })
            }
            Outcome::Failed(error) => {
                self.system.report(|| ApplicationEvent::StartFailed(error.clone()));
                failed = Some(error.clone());
                let is_own = start_type != StartType::Temporary && !was_asked;
                is_own.then_some(Halt::ApplicationStartFailure { app, error })
            }
        };
        if let Some(halt) = halt {
            halt::begin(&self.system, halt);
        }
        if let Some(error) = failed {
            // After the halt, which a callback that does without this application would outrun.
            tell(starting, &Err(error));
        }
        tell(stopping, &end);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let name = self.spec.name.clone();
        let controller = Controller::of(&self.system);
        let is_starting = {
            let mut book = controller.lock();
            let entry = book.apps.get_mut(&name);
            entry.is_some_and(|entry| matches!(entry.state, State::Starting(_)))
        };
        let end = AppEnd::of(name.clone());
        match is_starting {
            true => self.tell(Outcome::Failed(StartAppError::Killed { app: name }), end),
            false => self.tell(Outcome::Ended(ExitReason::Killed), end),
        }
    }
}

/// Whether the end of an application stops everything.
fn halts(start_type: StartType, reason: &ExitReason) -> bool {
    match start_type {
        StartType::Temporary => false,
        StartType::Transient => *reason != ExitReason::Normal,
        StartType::Permanent => true,
    }
}

/// Tells all who wait. It wakes them, and so it happens without a lock.
fn tell<T: Clone>(waiting: Vec<oneshot::Sender<T>>, outcome: &T) {
    for sender in waiting {
        // Who has waited may be gone.
        let _ = sender.send(outcome.clone());
    }
}

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::channel::{mpsc, oneshot};
use otp_core::runtime::Instant;
use otp_core::{ExitReason, Label, Pid, Term};

use super::Waits;
use crate::app::{App, AppRef};
use crate::end::{AppEnd, Killed};
use crate::halt::Halt;
use crate::reload::Reload;
use crate::spec::AppSpec;
use crate::start::{StartAppError, StartType};

/// The loaded applications of a system, and what each is doing.
#[derive(Default)]
pub(crate) struct Book {
    pub(crate) apps: BTreeMap<Label, Entry>,
    /// By application, loaded or not, and key.
    pub(crate) env: BTreeMap<Label, BTreeMap<Label, Term>>,
    pub(crate) waits: Waits,
    /// Why nothing can be started any more.
    pub(crate) halt: Option<Halt>,
    /// True if a service stops everything at a halt.
    pub(crate) is_served: bool,
    /// Positive while everything is being stopped, for a halt or not.
    pub(crate) closed: usize,
    /// Counts starts.
    turn: u64,
}

/// A loaded application.
pub(crate) struct Entry {
    pub(crate) app: App,
    pub(crate) spec: Arc<AppSpec>,
    /// With their names, which take code of the user to find out.
    pub(crate) dependencies: Vec<(Label, AppRef)>,
    pub(crate) state: State,
    /// Those who wait for the start.
    pub(crate) starting: Vec<oneshot::Sender<Result<(), StartAppError>>>,
    /// Those who wait for the stop.
    pub(crate) stopping: Vec<oneshot::Sender<AppEnd>>,
    /// What was killed at the deadline of a stop.
    pub(crate) killed: Vec<Killed>,
}

/// What an application is doing.
pub(crate) enum State {
    Stopped,
    /// It ended by itself: OTP keeps it among the started ones.
    Ended(ExitReason),
    Starting(Active),
    Running(Active),
    Stopping(Active),
}

/// An application that has been started.
pub(crate) struct Active {
    /// Which start this is.
    pub(crate) turn: u64,
    /// The order in which applications came to run.
    pub(crate) order: u64,
    pub(crate) start_type: StartType,
    /// Its own process; `None` for a library, and until the process runs.
    pub(crate) master: Option<Pid>,
    pub(crate) top: Option<Pid>,
    pub(crate) since: Instant,
    /// Asks the master to stop; taken by who does.
    pub(crate) stop: Option<oneshot::Sender<()>>,
    pub(crate) reload: Option<mpsc::UnboundedSender<Reload>>,
    /// How it had ended before, if it had.
    pub(crate) before: Option<ExitReason>,
}

impl Book {
    pub(crate) fn next_turn(&mut self) -> u64 {
        self.turn += 1;
        self.turn
    }

    /// The application whose own process this is.
    pub(crate) fn of_master(&self, pid: Pid) -> Option<&Label> {
        let is_master = |entry: &Entry| entry.state.active().is_some_and(|active| active.master == Some(pid));
        self.apps.iter().find(|(_, entry)| is_master(entry)).map(|(name, _)| name)
    }

    /// Says why an application cannot be started now: first what was never started, or was stopped, then what has ended.
    pub(crate) fn check_dependencies(&self, name: &Label, entry: &Entry) -> Result<(), StartAppError> {
        let (app, state_of) = (|| name.clone(), |name| self.apps.get(name).map(|entry| &entry.state));
        for (dependency, _) in &entry.dependencies {
            if !matches!(state_of(dependency), Some(State::Running(_) | State::Ended(_))) {
                return Err(StartAppError::NotStarted { app: app(), dependency: dependency.clone() });
            }
        }
        for (dependency, _) in &entry.dependencies {
            // OTP asks this only of what has processes.
            if let Some(State::Ended(reason)) = state_of(dependency)
                && !entry.app.is_library()
            {
                let (dependency, reason) = (dependency.clone(), reason.clone());
                return Err(StartAppError::NotRunning { app: app(), dependency, reason });
            }
        }
        Ok(())
    }

    /// The application to be stopped next when all are, but for some: one that starts, else the one that came to run last.
    pub(crate) fn latest(&self, without: &[Label]) -> Option<Label> {
        let order = |entry: &Entry| match &entry.state {
            State::Starting(active) => Some((1, active.turn)),
            State::Running(active) | State::Stopping(active) => Some((0, active.order)),
            State::Stopped | State::Ended(_) => None,
        };
        let others = self.apps.iter().filter(|(name, _)| !without.contains(name));
        let active = others.filter_map(|(name, entry)| Some((order(entry)?, name)));
        active.max_by_key(|(order, _)| *order).map(|(_, name)| name.clone())
    }

    /// The running applications, the latest started first.
    pub(crate) fn running(&self) -> Vec<Label> {
        let mut running: Vec<_> = self
            .apps
            .iter()
            .filter_map(|(name, entry)| match &entry.state {
                // OTP's controller answers no question while it stops one.
                State::Running(active) | State::Stopping(active) => Some((active.order, name.clone())),
                _ => None,
            })
            .collect();
        running.sort_by_key(|(order, _)| std::cmp::Reverse(*order));
        running.into_iter().map(|(_, name)| name).collect()
    }
}

impl Entry {
    pub(crate) fn new(app: App, spec: Arc<AppSpec>, dependencies: Vec<(Label, AppRef)>) -> Entry {
        let (state, killed) = (State::Stopped, Vec::new());
        Entry { app, spec, dependencies, state, starting: Vec::new(), stopping: Vec::new(), killed }
    }

    /// The state of this start; `None` if it is over.
    pub(crate) fn active(&mut self, turn: u64) -> Option<&mut Active> {
        let (State::Starting(active) | State::Running(active) | State::Stopping(active)) = &mut self.state else {
            return None;
        };
        (active.turn == turn).then_some(active)
    }
}

impl State {
    pub(crate) fn active(&self) -> Option<&Active> {
        match self {
            State::Starting(active) | State::Running(active) | State::Stopping(active) => Some(active),
            State::Stopped | State::Ended(_) => None,
        }
    }
}

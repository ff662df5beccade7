use otp_core::runtime::Instant;
use otp_core::{ExitReason, Label, Pid, System};

use crate::controller::{Controller, Entry, State};
use crate::start::StartType;

/// What is known of a loaded application; returned by [`applications`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ApplicationInfo {
    /// The name.
    pub name: Label,
    /// What it is for; may be empty.
    pub description: Label,
    /// The version; may be empty.
    pub version: Label,
    /// The names of the applications that it depends on.
    pub dependencies: Vec<Label>,
    /// What it is doing.
    pub state: AppState,
    /// What its end means; `None` if it is not started.
    pub start_type: Option<StartType>,
    /// The application's own process, the parent of its top supervisor; `None` for a library.
    pub master: Option<Pid>,
    /// Its top supervisor.
    pub top: Option<Pid>,
    /// When it was started, or came to run.
    pub since: Option<Instant>,
}

/// What an application is doing, as part of [`ApplicationInfo`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum AppState {
    /// The application is loaded, and does not run.
    Stopped,
    /// Its start has not returned yet.
    Starting,
    /// It runs.
    Running,
    /// Its stop has not returned yet.
    Stopping,
    /// It has ended by itself, with this reason of its top supervisor.
    Ended(ExitReason),
}

/// Lists the loaded applications by name, whatever they are doing; OTP's `loaded_applications/0`.
pub fn applications(system: &System) -> Vec<ApplicationInfo> {
    let controller = Controller::of(system);
    let book = controller.lock();
    book.apps.iter().map(|(name, entry)| ApplicationInfo::of(name, entry)).collect()
}

/// Lists the names of the applications that run, the latest started first; OTP's `which_applications/0`.
pub fn running(system: &System) -> Vec<Label> {
    Controller::of(system).lock().running()
}

/// Lists the names of the loaded applications, in their order.
pub fn loaded(system: &System) -> Vec<Label> {
    Controller::of(system).lock().apps.keys().cloned().collect()
}

/// Returns the application that a process belongs to: whose own process it is, or an ancestor of it. `None` if it belongs to
/// none, or if an ancestor between them has ended. OTP's `get_application/1`.
pub fn application_of(system: &System, pid: Pid) -> Option<Label> {
    let ancestors = std::iter::successors(Some(pid), |pid| system.parent(*pid));
    let ancestors: Vec<_> = ancestors.collect();
    let controller = Controller::of(system);
    let book = controller.lock();
    ancestors.into_iter().find_map(|pid| book.of_master(pid)).cloned()
}

impl ApplicationInfo {
    fn of(name: &Label, entry: &Entry) -> ApplicationInfo {
        let active = entry.state.active();
        ApplicationInfo {
            name: name.clone(),
            description: entry.spec.description.clone(),
            version: entry.spec.version.clone(),
            dependencies: entry.dependencies.iter().map(|(name, _)| name.clone()).collect(),
            state: AppState::of(&entry.state),
            start_type: active.map(|active| active.start_type),
            master: active.and_then(|active| active.master),
            top: active.and_then(|active| active.top),
            since: active.map(|active| active.since),
        }
    }
}

impl AppState {
    fn of(state: &State) -> AppState {
        match state {
            State::Stopped => AppState::Stopped,
            State::Ended(reason) => AppState::Ended(reason.clone()),
            State::Starting(_) => AppState::Starting,
            State::Running(_) => AppState::Running,
            State::Stopping(_) => AppState::Stopping,
        }
    }
}

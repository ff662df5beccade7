use std::fmt;
use std::pin::Pin;

use futures::channel::{mpsc, oneshot};
use otp_behaviour::StartError;
use otp_core::behaviour::{blockable, let_others_first};
use otp_core::runtime::Task;
use otp_core::{Crash, ExitReason, Label, Process, ProcessContext, SpawnOptions, System};

use crate::app::{App, AppRef};
use crate::controller::{Active, Controller, State};
use crate::event::ApplicationEvent;
use crate::info::application_of;
use crate::load::{LoadError, ensure_loaded};
use crate::master::Seat;

/// Starts an application whose dependencies run, and loads it first if need be; OTP's `start/1`. Does nothing until it is
/// awaited.
///
/// While another caller starts it, both get the outcome of that start. While it stops, it is started after that.
pub fn start(system: &System, app: impl Into<AppRef>) -> StartApp {
    StartApp { system: system.clone(), app: app.into(), start_type: StartType::Temporary, ensure: false }
}

/// Starts an application as [`start`] does; one that runs already is no error. OTP's `ensure_started/1`.
pub fn ensure_started(system: &System, app: impl Into<AppRef>) -> StartApp {
    StartApp { ensure: true, ..start(system, app) }
}

/// Says what the end of an application means to its system; OTP's `restart_type()` of an application. A
/// [`stop`](crate::stop) is not such an end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[allow(clippy::exhaustive_enums, reason = "OTP has these three")]
pub enum StartType {
    /// Its end is only reported.
    #[default]
    Temporary,
    /// Everything stops, unless its top supervisor ends with `Normal`. `Shutdown` counts as abnormal: that is how a
    /// supervisor gives up.
    Transient,
    /// Everything stops.
    Permanent,
}

/// Starts an application when it is awaited; made by [`start`] and [`ensure_started`].
///
/// # Errors
///
/// See [`StartAppError`]. A permanent or transient application that does not start makes the system [halt](crate::halting),
/// if its dependencies were there.
///
/// # Cancel safety
///
/// If the future is dropped, the application still starts.
#[must_use = "an application is started when this is awaited"]
#[derive(Clone)]
pub struct StartApp {
    system: System,
    app: AppRef,
    start_type: StartType,
    ensure: bool,
}

impl StartApp {
    /// Sets what the end of the application means; by default [`StartType::Temporary`], as in OTP.
    pub fn start_type(mut self, start_type: StartType) -> StartApp {
        self.start_type = start_type;
        self
    }

    async fn run(self) -> Result<(), StartAppError> {
        let StartApp { system, app, start_type, ensure } = self;
        let_others_first(&system).await;
        let name = ensure_loaded(&system, &app)?;
        loop {
            let asked = match ask(&system, &name, start_type) {
                Err(StartAppError::AlreadyStarted { .. }) if ensure => return Ok(()),
                asked => asked?,
            };
            match asked {
                Asked::Done => return Ok(()),
                Asked::Started(_wait, outcome) => {
                    return blockable(outcome).await.unwrap_or(Err(StartAppError::Killed { app: name }));
                }
                Asked::Stopped(_wait, end) => drop(blockable(end).await),
            }
        }
    }
}

impl IntoFuture for StartApp {
    type Output = Result<(), StartAppError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for StartApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StartApp({:?}, {:?})", self.app, self.start_type)
    }
}

/// What a request to start has to wait for.
enum Asked {
    Done,
    Started(Wait, oneshot::Receiver<Result<(), StartAppError>>),
    /// Then it has to be asked again.
    Stopped(Wait, oneshot::Receiver<crate::end::AppEnd>),
}

fn ask(system: &System, name: &Label, start_type: StartType) -> Result<Asked, StartAppError> {
    let (controller, waiter) = (Controller::of(system), Wait::of_caller(system));
    let mut guard = controller.lock();
    let book = &mut *guard;
    let Some(entry) = book.apps.get(name) else { return Err(StartAppError::Unknown { app: name.clone() }) };
    if let State::Running(_) = entry.state {
        return Err(StartAppError::AlreadyStarted { app: name.clone() });
    }
    if book.closed > 0 || book.halt.is_some() {
        return Err(StartAppError::Halting { app: name.clone() });
    }
    if let State::Stopped | State::Ended(_) = entry.state {
        book.check_dependencies(name, entry)?;
    }
    let wait = Wait::add(system, &mut book.waits, waiter, name).map_err(|circle| StartAppError::Circle { circle })?;
    let (turn, now) = (book.next_turn(), system.now());
    let entry = book.apps.get_mut(name).expect("it was just there, and the book is locked");
    let before = match &entry.state {
        State::Stopping(_) => {
            let (tell, end) = oneshot::channel();
            entry.stopping.push(tell);
            drop(guard);
            return Ok(Asked::Stopped(wait, end));
        }
        State::Stopped => None,
        State::Ended(reason) => Some(reason.clone()),
        State::Starting(_) | State::Running(_) => {
            let (tell, outcome) = oneshot::channel();
            entry.starting.push(tell);
            drop(guard);
            return Ok(Asked::Started(wait, outcome));
        }
    };
    let mut active =
        Active { turn, order: turn, start_type, master: None, top: None, since: now, stop: None, reload: None, before };
    if entry.app.is_library() {
        entry.state = State::Running(active);
        drop(guard);
        system.report(|| ApplicationEvent::Started { app: name.clone(), start_type, top: None });
        return Ok(Asked::Done);
    }
    let ((stop, stopped), (reload, reloads)) = (oneshot::channel(), mpsc::unbounded());
    (active.stop, active.reload) = (Some(stop), Some(reload));
    let (tell, outcome) = oneshot::channel();
    entry.starting.push(tell);
    entry.state = State::Starting(active);
    let (app, spec) = (entry.app.clone(), entry.spec.clone());
    drop(guard);
    spawn(system, app, Seat::new(system, spec, turn, start_type, stopped, reloads));
    Ok(Asked::Started(wait, outcome))
}

/// Starts the application's own process. A task does so, which is no process: so the new one is a root of the system, and
/// not a child of the caller.
fn spawn(system: &System, app: App, mut seat: Seat) {
    let of = system.clone();
    system.runtime().spawn(Task::new(async move {
        let options = SpawnOptions::new().label(format!("application {}", seat.name())).trap_exit(true);
        let body = async move |ctx: ProcessContext<()>| {
            seat.taken_by(ctx.pid());
            match app.run(ctx, seat) {
                Some(life) => life.await,
                None => ExitReason::Normal,
            }
        };
        // It has no name, and so nothing can fail.
        drop(of.spawn_with(options, body));
    }));
}

/// A note that the start or the stop of an application waits for another one; removed when this is dropped.
pub(crate) struct Wait(Option<(System, Label, Label)>);

impl Wait {
    /// The application whose callbacks may wait for the caller.
    pub(crate) fn of_caller(system: &System) -> Option<Label> {
        let caller = Process::current().filter(|caller| caller.system() == system)?.pid();
        let name = application_of(system, caller)?;
        let controller = Controller::of(system);
        let book = controller.lock();
        let is_master = book.of_master(caller).is_some();
        let may_wait = matches!(book.apps.get(&name)?.state, State::Starting(_) | State::Stopping(_));
        (is_master || may_wait).then_some(name)
    }

    pub(crate) fn add(
        system: &System,
        waits: &mut crate::controller::Waits,
        waiter: Option<Label>,
        other: &Label,
    ) -> Result<Wait, Vec<Label>> {
        let Some(waiter) = waiter else { return Ok(Wait(None)) };
        waits.add(&waiter, other)?;
        Ok(Wait(Some((system.clone(), waiter, other.clone()))))
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some((system, waiter, other)) = self.0.take() {
            Controller::of(&system).lock().waits.remove(&waiter, &other);
        }
    }
}

/// The error of starting an application.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StartAppError {
    /// No application with this name is loaded.
    #[error("there is no application {app}: none is loaded with this name")]
    Unknown {
        /// The name.
        app: Label,
    },
    /// The application could not be loaded.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// The application runs already.
    #[error("the application {app} is running already")]
    AlreadyStarted {
        /// The name of the application.
        app: Label,
    },
    /// An application that it depends on was not started.
    #[error("the application {app} cannot start: it depends on {dependency}, which is not started")]
    NotStarted {
        /// The name of the application.
        app: Label,
        /// The name of the one that it depends on.
        dependency: Label,
    },
    /// An application that it depends on has ended by itself.
    #[error("the application {app} cannot start: it depends on {dependency}, which has ended: {reason}")]
    NotRunning {
        /// The name of the application.
        app: Label,
        /// The name of the one that it depends on.
        dependency: Label,
        /// Why that one ended.
        reason: ExitReason,
    },
    /// Its callback `start` returned an error.
    #[error("the application {app} did not start: {error}")]
    Failed {
        /// The name of the application.
        app: Label,
        /// The error.
        error: StartError,
    },
    /// Its callback `start` panicked.
    #[error("the application {app} did not start: its start callback panicked: {crash}")]
    Crashed {
        /// The name of the application.
        app: Label,
        /// The panic.
        crash: Crash,
    },
    /// Its configuration could not be loaded.
    #[error("the application {app} did not start: no configuration: {error}")]
    Config {
        /// The name of the application.
        app: Label,
        /// The error of its source, or a panic.
        error: Crash,
    },
    /// A start phase returned an error. The tree was stopped again.
    #[error("the application {app} did not start: its start phase {phase} failed: {reason}")]
    PhaseFailed {
        /// The name of the application.
        app: Label,
        /// The name of the phase.
        phase: Label,
        /// The error.
        reason: ExitReason,
    },
    /// A start phase panicked. The tree was stopped again.
    #[error("the application {app} did not start: its start phase {phase} panicked: {crash}")]
    PhaseCrashed {
        /// The name of the application.
        app: Label,
        /// The name of the phase.
        phase: Label,
        /// The panic.
        crash: Crash,
    },
    /// The application was stopped before it had started.
    #[error("the application {app} was stopped before it had started")]
    Stopped {
        /// The name of the application.
        app: Label,
    },
    /// The application's own process was killed before it had started.
    #[error("the application {app} was killed before it had started")]
    Killed {
        /// The name of the application.
        app: Label,
    },
    /// A callback of an application wants to start one that waits for that callback.
    #[error("{} would wait for itself: {}", circle[0], arrows(circle))]
    Circle {
        /// The applications, each of which waits for the next; the first is also the last.
        circle: Vec<Label>,
    },
    /// All applications are being stopped.
    #[error("the application {app} cannot start: all applications are being stopped")]
    Halting {
        /// The name of the application.
        app: Label,
    },
}

/// Shows a circle.
pub(crate) fn arrows(circle: &[Label]) -> String {
    circle.iter().map(Label::as_str).collect::<Vec<_>>().join(" > ")
}

use futures::channel::oneshot;
use otp_core::behaviour::{blockable, let_others_first};
use otp_core::{Crash, ExitReason, Label, System};

use crate::app::AppRef;
use crate::controller::{Controller, State};
use crate::start::{Wait, arrows};

/// A request to load the configuration again.
pub(crate) type Reload = oneshot::Sender<Result<bool, ReloadError>>;

/// Loads the configuration of a running application again, from its [`ConfigSource`](crate::ConfigSource), and calls
/// [`config_change`](crate::Application::config_change) if it has changed; returns whether it has.
///
/// # Errors
///
/// See [`ReloadError`]. The old configuration stays.
///
/// # Cancel safety
///
/// If the future is dropped, the configuration is still loaded.
pub async fn reload(system: &System, app: impl Into<AppRef>) -> Result<bool, ReloadError> {
    let app = app.into().into_name();
    let_others_first(system).await;
    let (_wait, answer) = ask(system, &app)?;
    blockable(answer).await.unwrap_or(Err(ReloadError::NotRunning { app }))
}

/// Loads the configurations of all running applications again, in the order in which they were started; see [`reload`].
pub async fn reload_all(system: &System) -> Vec<(Label, Result<bool, ReloadError>)> {
    let mut outcomes = Vec::new();
    for app in crate::info::running(system).into_iter().rev() {
        let is_library = Controller::of(system).lock().apps.get(&app).is_some_and(|entry| entry.app.is_library());
        if !is_library {
            let outcome = reload(system, &app).await;
            outcomes.push((app, outcome));
        }
    }
    outcomes
}

fn ask(system: &System, app: &Label) -> Result<(Wait, oneshot::Receiver<Result<bool, ReloadError>>), ReloadError> {
    let (controller, waiter) = (Controller::of(system), Wait::of_caller(system));
    let mut guard = controller.lock();
    let book = &mut *guard;
    let not_running = || ReloadError::NotRunning { app: app.clone() };
    let Some(State::Running(active)) = book.apps.get(app).map(|entry| &entry.state) else { return Err(not_running()) };
    let reload = active.reload.clone().ok_or_else(not_running)?;
    let circle = |circle| ReloadError::Circle { circle };
    let wait = Wait::add(system, &mut book.waits, waiter, app).map_err(circle)?;
    drop(guard);
    let (tell, answer) = oneshot::channel();
    reload.unbounded_send(tell).map_err(|_| not_running())?;
    Ok((wait, answer))
}

/// The error of loading the configuration of an application again. The old one stays.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ReloadError {
    /// The application does not run, or has no processes.
    #[error("the application {app} does not run, and has no configuration")]
    NotRunning {
        /// The name of the application.
        app: Label,
    },
    /// The configuration could not be loaded.
    #[error("the application {app} keeps its configuration: {error}")]
    Load {
        /// The name of the application.
        app: Label,
        /// The error of the source, or a panic.
        error: Crash,
    },
    /// The callback `config_change` returned an error, or panicked.
    #[error("the application {app} keeps its configuration: it refuses the changed one: {reason}")]
    Refused {
        /// The name of the application.
        app: Label,
        /// The error, or the panic.
        reason: ExitReason,
    },
    /// A callback of an application asks one that waits for that callback.
    #[error("{} would wait for itself: {}", circle[0], arrows(circle))]
    Circle {
        /// The applications, each of which waits for the next; the first is also the last.
        circle: Vec<Label>,
    },
}

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use futures::channel::oneshot;
use otp_core::behaviour::{blockable, let_others_first};
use otp_core::{Label, System};

use crate::app::AppRef;
use crate::controller::{Controller, State};
use crate::end::{AppEnd, Killed};
use crate::event::ApplicationEvent;
use crate::family::Family;
use crate::start::{Wait, arrows};

/// Stops an application: `prep_stop`, then its tree from the last child to the first, then `stop`. OTP's `stop/1`. Does
/// nothing until it is awaited.
///
/// Applications that depend on it keep running, as in OTP. One that is starting is stopped, too: what it has started until
/// then ends. One that is stopping already is waited for. One that ended by itself counts as started until this is called.
pub fn stop(system: &System, app: impl Into<AppRef>) -> StopApp {
    StopApp { system: system.clone(), app: app.into(), limit: None }
}

/// Stops an application when it is awaited, and returns how it ended; made by [`stop`].
///
/// # Errors
///
/// See [`StopAppError`].
///
/// # Cancel safety
///
/// If the future is dropped, the application still stops, without a time limit.
#[must_use = "an application is stopped when this is awaited"]
#[derive(Clone)]
pub struct StopApp {
    system: System,
    app: AppRef,
    limit: Option<Duration>,
}

/// How long a stop still waits for a process that was killed.
const PATIENCE: Duration = Duration::from_secs(1);

impl StopApp {
    /// Kills what is left of the application after `limit`, its callbacks included. By default there is no limit, as in
    /// OTP: the children of its supervisors have theirs.
    ///
    /// The limit is a timer of the executor. It may be late while a callback holds a thread: on tokio, the timers wait if
    /// that thread was to drive them.
    pub fn within(mut self, limit: Duration) -> StopApp {
        self.limit = Some(limit);
        self
    }

    async fn run(self) -> Result<AppEnd, StopAppError> {
        let StopApp { system, app, limit } = self;
        let_others_first(&system).await;
        let name = app.into_name();
        let (_wait, mut ended) = match ask(&system, &name)? {
            Asked::Ended => return Ok(AppEnd::of(name)),
            Asked::Stopping(wait, ended) => (wait, ended),
        };
        let Some(limit) = limit else { return Ok(blockable(ended).await.unwrap_or(AppEnd::of(name))) };
        let began = system.now();
        if let Ok(ended) = system.timeout(limit, &mut ended).await {
            return Ok(ended.unwrap_or(AppEnd::of(name)));
        }
        let killed = kill(&system, &name);
        let mut end = match system.timeout(PATIENCE, ended).await {
            Ok(Ok(end)) => end,
            // Its own process holds its thread, and cannot tell.
            _ => AppEnd { killed, ..AppEnd::of(name) },
        };
        end.took = system.now() - began;
        Ok(end)
    }
}

impl IntoFuture for StopApp {
    type Output = Result<AppEnd, StopAppError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for StopApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StopApp({:?}, {:?})", self.app, self.limit)
    }
}

enum Asked {
    Ended,
    Stopping(Wait, oneshot::Receiver<AppEnd>),
}

fn ask(system: &System, name: &Label) -> Result<Asked, StopAppError> {
    let (controller, waiter) = (Controller::of(system), Wait::of_caller(system));
    let mut guard = controller.lock();
    let book = &mut *guard;
    let not_started = || StopAppError::NotStarted { app: name.clone() };
    let entry = book.apps.get_mut(name).ok_or_else(not_started)?;
    let wait = match &entry.state {
        State::Stopped => return Err(not_started()),
        State::Ended(_) => None,
        State::Running(_) if entry.app.is_library() => None,
        _ => {
            let circle = |circle| StopAppError::Circle { circle };
            Some(Wait::add(system, &mut book.waits, waiter, name).map_err(circle)?)
        }
    };
    let Some(wait) = wait else {
        let before = std::mem::replace(&mut entry.state, State::Stopped);
        drop(guard);
        if let State::Running(_) = before {
            system.report(|| ApplicationEvent::Stopped(AppEnd::of(name.clone())));
        }
        return Ok(Asked::Ended);
    };
    let (tell, ended) = oneshot::channel();
    entry.stopping.push(tell);
    entry.state = match std::mem::replace(&mut entry.state, State::Stopped) {
        State::Running(active) => State::Stopping(active),
        other => other,
    };
    let stop = match &mut entry.state {
        State::Starting(active) | State::Stopping(active) => active.stop.take(),
        _ => None,
    };
    drop(guard);
    if let Some(stop) = stop {
        // It may be ending already.
        let _ = stop.send(());
    }
    Ok(Asked::Stopping(wait, ended))
}

/// Kills all of an application, and returns what that is. Its own process ends with the rest, which tells all who wait.
fn kill(system: &System, name: &Label) -> Vec<Killed> {
    let controller = Controller::of(system);
    let master = controller.lock().apps.get(name).and_then(|entry| entry.state.active()?.master);
    let Some(master) = master else { return Vec::new() };
    let mut family = Family::of(system, master);
    let members = family.members();
    if let Some(entry) = controller.lock().apps.get_mut(name) {
        entry.killed = members.clone();
    }
    family.kill_at_once();
    members
}

/// The error of stopping an application.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StopAppError {
    /// The application is not started.
    #[error("the application {app} is not started")]
    NotStarted {
        /// The name of the application.
        app: Label,
    },
    /// A callback of an application wants to stop one that waits for that callback.
    #[error("{} would wait for itself: {}", circle[0], arrows(circle))]
    Circle {
        /// The applications, each of which waits for the next; the first is also the last.
        circle: Vec<Label>,
    },
}

use std::collections::HashSet;
use std::fmt;
use std::pin::Pin;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_core::{Label, System};

use crate::app::AppRef;
use crate::controller::{Controller, State};
use crate::load::{LoadError, ensure_loaded};
use crate::start::{StartAppError, StartType, arrows, start};
use crate::stop::stop;

/// Starts an application and, before it, all applications that it depends on and that do not run; OTP's
/// `ensure_all_started/1`. Returns the names of those that it started, in this order. Does nothing until it is awaited.
///
/// Dependencies are started in the order of the specs. If one does not start, those that were started before it are
/// stopped again.
pub fn ensure_all_started(system: &System, app: impl Into<AppRef>) -> EnsureAllStarted {
    EnsureAllStarted { system: system.clone(), app: app.into(), start_type: StartType::Temporary }
}

/// Starts an application and its dependencies when it is awaited; made by [`ensure_all_started`].
///
/// # Errors
///
/// See [`EnsureError`]. A circle of dependencies is found before anything starts.
///
/// # Cancel safety
///
/// If the future is dropped, those that were started stay, and the one that is starting still does.
#[must_use = "applications are started when this is awaited"]
#[derive(Clone)]
pub struct EnsureAllStarted {
    system: System,
    app: AppRef,
    start_type: StartType,
}

impl EnsureAllStarted {
    /// Sets what the end of each of these applications means; by default [`StartType::Temporary`], as in OTP.
    pub fn start_type(mut self, start_type: StartType) -> EnsureAllStarted {
        self.start_type = start_type;
        self
    }

    async fn run(self) -> Result<Vec<Label>, EnsureError> {
        let EnsureAllStarted { system, app, start_type } = self;
        let mut started = Vec::new();
        let outcome = match check(&system, &app) {
            Ok(()) => ensure(&system, &app, start_type, &mut started).await,
            Err(error) => Err(error),
        };
        if outcome.is_err() {
            for app in started.iter().rev() {
                // One that has ended meanwhile needs no stop.
                drop(stop(&system, app).await);
            }
        }
        outcome.map(|()| started)
    }
}

impl IntoFuture for EnsureAllStarted {
    type Output = Result<Vec<Label>, EnsureError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for EnsureAllStarted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnsureAllStarted({:?}, {:?})", self.app, self.start_type)
    }
}

/// Starts what an application depends on, in its order, and then the application, unless it runs.
fn ensure<'a>(
    system: &'a System,
    app: &'a AppRef,
    start_type: StartType,
    started: &'a mut Vec<Label>,
) -> BoxFuture<'a, Result<(), EnsureError>> {
    async move {
        let failed = |error| EnsureError::Failed { app: app.clone().into_name(), error };
        let name = ensure_loaded(system, app).map_err(|error| failed(error.into()))?;
        if is_running(system, &name) {
            return Ok(());
        }
        for (_, dependency) in dependencies(system, &name) {
            ensure(system, &dependency, start_type, started).await?;
        }
        match start(system, app).start_type(start_type).await {
            Ok(()) => started.push(name),
            // Somebody else has started it meanwhile.
            Err(StartAppError::AlreadyStarted { .. }) => {}
            Err(error) => return Err(failed(error)),
        }
        Ok(())
    }
    .boxed()
}

fn is_running(system: &System, name: &Label) -> bool {
    let controller = Controller::of(system);
    let book = controller.lock();
    book.apps.get(name).is_some_and(|entry| matches!(entry.state, State::Running(_)))
}

/// What a loaded application depends on.
fn dependencies(system: &System, name: &Label) -> Vec<(Label, AppRef)> {
    let controller = Controller::of(system);
    let book = controller.lock();
    book.apps.get(name).map(|entry| entry.dependencies.clone()).unwrap_or_default()
}

/// Looks for a circle of dependencies, unless the application runs.
fn check(system: &System, app: &AppRef) -> Result<(), EnsureError> {
    if app.name().is_ok_and(|name| is_running(system, &name)) {
        Ok(())
    } else {
        walk(system, app, &mut Vec::new(), &mut HashSet::new())
    }
}

fn walk(system: &System, app: &AppRef, path: &mut Vec<Label>, seen: &mut HashSet<Label>) -> Result<(), EnsureError> {
    let crashed = |crash| EnsureError::Failed {
        app: path.last().cloned().unwrap_or(Label::from_static("an application")),
        error: LoadError::Crashed { crash }.into(),
    };
    let name = app.name().map_err(crashed)?;
    if let Some(place) = path.iter().position(|on| *on == name) {
        let mut circle = path.split_off(place);
        circle.push(name);
        return Err(EnsureError::Circle { circle });
    }
    if !seen.insert(name.clone()) {
        return Ok(());
    }
    let mut below = dependencies(system, &name).into_iter().map(|(_, app)| app).collect();
    if let Some(app) = app.value() {
        below = app.spec().map_err(crashed)?.dependencies.clone();
    }
    path.push(name);
    for app in below {
        walk(system, &app, path, seen)?;
    }
    path.pop();
    Ok(())
}

/// The error of starting an application with those that it depends on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EnsureError {
    /// Applications depend on each other in a circle. None was started.
    #[error("applications depend on each other in a circle: {}", arrows(circle))]
    Circle {
        /// Their names, each of which depends on the next; the first is also the last.
        circle: Vec<Label>,
    },
    /// An application did not start. Those that were started before it were stopped again.
    #[error("{error}")]
    Failed {
        /// The name of the application.
        app: Label,
        /// Why it did not start.
        error: StartAppError,
    },
}

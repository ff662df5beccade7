use otp_core::{Crash, Label, System};

use crate::app::{App, AppRef};
use crate::controller::{Controller, Entry, State};

/// Loads an application: it is known by its name from now on, and its environment has the defaults of its spec, also in
/// the place of values that were set before. OTP's `load/1`.
///
/// [`start`](crate::start) loads what is not loaded yet.
///
/// # Errors
///
/// See [`LoadError`].
pub fn load(system: &System, app: impl Into<App>) -> Result<(), LoadError> {
    add(system, &app.into()).map(drop)
}

/// Unloads an application that does not run, with its environment; OTP's `unload/1`.
///
/// # Errors
///
/// See [`UnloadError`].
pub fn unload(system: &System, app: impl Into<AppRef>) -> Result<(), UnloadError> {
    let app = app.into().into_name();
    let controller = Controller::of(system);
    let mut book = controller.lock();
    match book.apps.get(&app).map(|entry| &entry.state) {
        None => Err(UnloadError::NotLoaded { app }),
        Some(State::Starting(_) | State::Running(_) | State::Stopping(_)) => Err(UnloadError::Running { app }),
        Some(State::Stopped | State::Ended(_)) => {
            let removed = (book.apps.remove(&app), book.env.remove(&app));
            drop(book);
            drop(removed);
            Ok(())
        }
    }
}

/// Loads an application; returns its name.
fn add(system: &System, app: &App) -> Result<Label, LoadError> {
    let spec = app.spec().map_err(|crash| LoadError::Crashed { crash })?;
    let named = |app: &AppRef| Ok((app.name()?, app.clone()));
    let dependencies = spec.dependencies.iter().map(named).collect::<Result<_, Crash>>();
    let dependencies = dependencies.map_err(|crash| LoadError::Crashed { crash })?;
    let name = spec.name.clone();
    let controller = Controller::of(system);
    let mut book = controller.lock();
    if let Some(entry) = book.apps.get(&name) {
        let is_like = entry.app.is_like(app);
        return Err(if is_like { LoadError::AlreadyLoaded { app: name } } else { LoadError::Taken { app: name } });
    }
    let mut before = Vec::new();
    if !spec.env.is_empty() {
        let env = book.env.entry(name.clone()).or_default();
        before.extend(spec.env.iter().filter_map(|(key, value)| env.insert(key.clone(), value.clone())));
    }
    book.apps.insert(name.clone(), Entry::new(app.clone(), spec, dependencies));
    drop(book);
    drop(before);
    Ok(name)
}

/// Loads an application that is not loaded yet; returns the name of any.
pub(crate) fn ensure_loaded(system: &System, app: &AppRef) -> Result<Label, LoadError> {
    match app.value().map(|app| add(system, app)) {
        Some(Err(LoadError::AlreadyLoaded { app })) => Ok(app),
        Some(added) => added,
        None => Ok(app.clone().into_name()),
    }
}

/// The error of loading an application.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The application is loaded already.
    #[error("the application {app} is loaded already")]
    AlreadyLoaded {
        /// The name of the application.
        app: Label,
    },
    /// Another application with this name is loaded, which has other callbacks.
    #[error("another application with the name {app} is loaded")]
    Taken {
        /// The name.
        app: Label,
    },
    /// The callback `spec` of the application, or of one that it depends on, panicked.
    #[error("an application cannot describe itself: {crash}")]
    Crashed {
        /// The panic.
        crash: Crash,
    },
}

/// The error of unloading an application.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnloadError {
    /// The application is not loaded.
    #[error("the application {app} is not loaded")]
    NotLoaded {
        /// The name of the application.
        app: Label,
    },
    /// The application runs, or starts, or stops.
    #[error("the application {app} is running, and cannot be unloaded")]
    Running {
        /// The name of the application.
        app: Label,
    },
}

use std::any::type_name;
use std::fmt;
use std::marker::PhantomData;

use otp_core::{Label, System, Term};

use crate::app::AppRef;
use crate::controller::Controller;

/// A key of the environment of an application, with the type of its value.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::application::{self, App, AppSpec, EnvKey};
///
/// const RETRIES: EnvKey<u32> = EnvKey::new("retries");
///
/// application::load(&system, App::library(AppSpec::new("shop").env(RETRIES, 3))).unwrap();
/// assert_eq!(application::env(&system, "shop", &RETRIES), Ok(Some(3)));
///
/// application::set_env(&system, "shop", &RETRIES, 5);
/// assert_eq!(application::env(&system, "shop", &RETRIES), Ok(Some(5)));
///
/// let error = application::env(&system, "shop", &EnvKey::<bool>::new("retries")).unwrap_err();
/// assert_eq!(error.to_string(), "retries of the application shop is 5, which is no bool");
/// # }).unwrap();
/// ```
#[must_use]
pub struct EnvKey<T> {
    name: Label,
    value: PhantomData<fn() -> T>,
}

impl<T> EnvKey<T> {
    /// Makes a key from a literal.
    pub const fn new(name: &'static str) -> EnvKey<T> {
        EnvKey { name: Label::from_static(name), value: PhantomData }
    }

    /// Makes a key at run time.
    pub fn dynamic(name: impl Into<Label>) -> EnvKey<T> {
        EnvKey { name: name.into(), value: PhantomData }
    }

    /// The name of the key.
    pub fn label(&self) -> &Label {
        &self.name
    }
}

impl<T> Clone for EnvKey<T> {
    fn clone(&self) -> EnvKey<T> {
        EnvKey { name: self.name.clone(), value: PhantomData }
    }
}

impl<T> fmt::Debug for EnvKey<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EnvKey({}: {})", self.name, type_name::<T>())
    }
}

/// Returns the value of a key in the environment of an application: the last that was [set](set_env), or the default of
/// its [spec](crate::AppSpec::env); `None` if there is neither. OTP's `get_env/2`.
///
/// The application need not run, nor be loaded: loading it sets the keys of its spec, also those that were set before;
/// unloading it removes all; stopping it changes none, as in OTP.
///
/// # Errors
///
/// [`EnvError::WrongType`] if the value has another type than the key.
pub fn env<T: Clone + 'static>(
    system: &System,
    app: impl Into<AppRef>,
    key: &EnvKey<T>,
) -> Result<Option<T>, EnvError> {
    let app = app.into().into_name();
    let value = Controller::of(system).lock().env.get(&app).and_then(|env| env.get(key.label())).cloned();
    // A clone of the user's value is user code, and runs under no lock.
    value
        .map(|value| value.downcast_ref().cloned().ok_or_else(|| EnvError::wrong_type::<T>(app, key, value)))
        .transpose()
}

/// Sets a key in the environment of an application; OTP's `set_env/3`.
pub fn set_env<T>(system: &System, app: impl Into<AppRef>, key: &EnvKey<T>, value: T)
where
    T: fmt::Debug + PartialEq + Send + Sync + 'static,
{
    let (app, value) = (app.into().into_name(), Term::new(value));
    let controller = Controller::of(system);
    let before = controller.lock().env.entry(app).or_default().insert(key.label().clone(), value);
    drop(before);
}

/// Removes a key from the environment of an application, also if its spec has a default; OTP's `unset_env/2`.
pub fn unset_env<T>(system: &System, app: impl Into<AppRef>, key: &EnvKey<T>) {
    let app = app.into().into_name();
    let controller = Controller::of(system);
    let before = controller.lock().env.get_mut(&app).and_then(|env| env.remove(key.label()));
    drop(before);
}

/// Lists the environment of an application by name; OTP's `get_all_env/1`.
pub fn all_env(system: &System, app: impl Into<AppRef>) -> Vec<(Label, Term)> {
    let app = app.into().into_name();
    let controller = Controller::of(system);
    let book = controller.lock();
    let env = book.env.get(&app).into_iter().flatten();
    env.map(|(key, value)| (key.clone(), value.clone())).collect()
}

/// The error of reading the environment of an application.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvError {
    /// The value has another type than the key.
    #[error("{key} of the application {app} is {value}, which is no {expected}")]
    WrongType {
        /// The name of the application.
        app: Label,
        /// The name of the key.
        key: Label,
        /// The value.
        value: Term,
        /// The type of the key.
        expected: &'static str,
    },
}

impl EnvError {
    fn wrong_type<T>(app: Label, key: &EnvKey<T>, value: Term) -> EnvError {
        EnvError::WrongType { app, key: key.label().clone(), value, expected: type_name::<T>() }
    }
}

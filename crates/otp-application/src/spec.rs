use std::fmt;

use otp_core::{Label, Term};

use crate::app::AppRef;
use crate::env::EnvKey;

/// Describes an application: its name, version, dependencies, start phases and default environment; OTP's application
/// resource file.
///
/// ```
/// use otp::application::{App, AppSpec, EnvKey};
///
/// const RETRIES: EnvKey<u32> = EnvKey::new("retries");
///
/// let spec = AppSpec::new("shop")
///     .description("sells things")
///     .version("2.0.1")
///     .depends_on(App::library(AppSpec::new("currencies")))
///     .depends_on("mailer")
///     .phase("warm_up", 100_u32)
///     .env(RETRIES, 3);
/// assert_eq!(spec.name().as_str(), "shop");
/// ```
#[must_use]
#[derive(Clone)]
pub struct AppSpec {
    pub(crate) name: Label,
    pub(crate) description: Label,
    pub(crate) version: Label,
    pub(crate) dependencies: Vec<AppRef>,
    pub(crate) phases: Vec<Phase>,
    pub(crate) env: Vec<(Label, Term)>,
}

impl AppSpec {
    /// Makes the spec of an application with this name, which is unique in a system.
    pub fn new(name: impl Into<Label>) -> AppSpec {
        AppSpec {
            name: name.into(),
            description: Label::from_static(""),
            version: Label::from_static(""),
            dependencies: Vec::new(),
            phases: Vec::new(),
            env: Vec::new(),
        }
    }

    /// Sets what the application is for, for people.
    pub fn description(mut self, description: impl Into<Label>) -> AppSpec {
        self.description = description.into();
        self
    }

    /// Sets the version, for people: `env!("CARGO_PKG_VERSION")`.
    pub fn version(mut self, version: impl Into<Label>) -> AppSpec {
        self.version = version.into();
        self
    }

    /// Adds an application that has to run before this one starts: an [`App`](crate::App), which
    /// [`ensure_all_started`](crate::ensure_all_started) can start, or the name of one that is loaded by then.
    ///
    /// Dependencies are started in this order. One that stops later does not stop this application, as in OTP.
    pub fn depends_on(mut self, app: impl Into<AppRef>) -> AppSpec {
        self.dependencies.push(app.into());
        self
    }

    /// Adds a start phase behind the others, with an argument for
    /// [`start_phase`](crate::Application::start_phase).
    pub fn phase<T>(mut self, name: impl Into<Label>, args: T) -> AppSpec
    where
        T: fmt::Debug + PartialEq + Send + Sync + 'static,
    {
        self.phases.push(Phase { name: name.into(), args: Term::new(args) });
        self
    }

    /// Sets the default of an entry of the [environment](crate::env()).
    pub fn env<T>(mut self, key: EnvKey<T>, value: T) -> AppSpec
    where
        T: fmt::Debug + PartialEq + Send + Sync + 'static,
    {
        self.env.push((key.label().clone(), Term::new(value)));
        self
    }

    /// The name.
    pub fn name(&self) -> &Label {
        &self.name
    }
}

impl fmt::Debug for AppSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AppSpec({} {})", self.name, self.version)
    }
}

/// A start phase, with the argument that the spec has for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    name: Label,
    args: Term,
}

impl Phase {
    /// The name of the phase.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }

    /// Returns the argument of the phase, if it is a `T`.
    pub fn args<T: 'static>(&self) -> Option<&T> {
        self.args.downcast_ref()
    }

    pub(crate) fn label(&self) -> &Label {
        &self.name
    }
}

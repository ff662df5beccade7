use std::any::TypeId;
use std::fmt;
use std::sync::{Arc, OnceLock};

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_behaviour::contain;
use otp_core::{Crash, ExitReason, Label, Process, ProcessContext};
use otp_supervisor::Supervisor;

use crate::application::Application;
use crate::config::{ConfigSource, Fixed, NoConfig};
use crate::context::AppContext;
use crate::master::{self, Seat};
use crate::spec::AppSpec;
use crate::top::Top;

/// An application as a value: its callbacks, and where its configuration comes from. Cheap to clone.
///
/// An [`Application`] without a configuration converts into it. Two values are equal if one is a clone of the other.
#[derive(Clone)]
#[must_use]
pub struct App(Arc<Inner>);

struct Inner {
    callbacks: Box<dyn Callbacks>,
    /// Set when it is first asked for: a dependency need not be described before it is needed.
    spec: OnceLock<Arc<AppSpec>>,
}

/// An application of any type.
trait Callbacks: Send + Sync {
    fn spec(&self) -> AppSpec;

    /// The type that has the callbacks.
    fn kind(&self) -> TypeId;

    /// The life of the application's master; `None` for a library.
    fn run(&self, ctx: ProcessContext<()>, seat: Seat) -> Option<BoxFuture<'static, ExitReason>>;
}

impl App {
    /// Makes an application without a configuration.
    pub fn new(application: impl Application<Config = ()>) -> App {
        App::configured_by(application, NoConfig)
    }

    /// Makes an application with a configuration that never changes.
    pub fn with_config<A>(application: A, config: A::Config) -> App
    where
        A: Application<Config: Clone>,
    {
        App::configured_by(application, Fixed(config))
    }

    /// Makes an application whose configuration is loaded when it starts, and at each [`reload`](crate::reload).
    pub fn configured_by<A: Application>(application: A, source: impl ConfigSource<Config = A::Config>) -> App {
        App::of(Configured { application: Arc::new(application), source: Arc::new(source) })
    }

    /// Makes an application without processes, such as a library that others depend on and that has an environment.
    pub fn library(spec: AppSpec) -> App {
        App::of(Library(spec))
    }

    /// Makes an application that has no callbacks: only a tree, which `tree` makes for each start, in the application's
    /// process. A panic in it is a failed start.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::application::{self, App, AppSpec};
    /// use otp::prelude::*;
    ///
    /// let shop = App::tree(AppSpec::new("shop"), |_| Ok(Supervisor::new(Strategy::OneForOne)));
    /// application::start(&system, shop).await.unwrap();
    /// assert_eq!(application::running(&system)[0].as_str(), "shop");
    /// # }).unwrap();
    /// ```
    pub fn tree<F>(spec: AppSpec, tree: F) -> App
    where
        F: Fn(&Process) -> Result<Supervisor, ExitReason> + Send + Sync + 'static,
    {
        App::new(Tree { spec, tree })
    }

    fn of(callbacks: impl Callbacks + 'static) -> App {
        App(Arc::new(Inner { callbacks: Box::new(callbacks), spec: OnceLock::new() }))
    }

    /// Returns the spec. It runs code of the user at the first call.
    pub(crate) fn spec(&self) -> Result<Arc<AppSpec>, Crash> {
        if let Some(spec) = self.0.spec.get() {
            return Ok(spec.clone());
        }
        let spec = Arc::new(contain(|| self.0.callbacks.spec())?);
        // Not `get_or_init`: code of the user would run under its lock. Of two specs one is kept.
        Ok(self.0.spec.get_or_init(|| spec).clone())
    }

    /// True if the callbacks of both are of one type.
    pub(crate) fn is_like(&self, other: &App) -> bool {
        self.0.callbacks.kind() == other.0.callbacks.kind()
    }

    pub(crate) fn run(&self, ctx: ProcessContext<()>, seat: Seat) -> Option<BoxFuture<'static, ExitReason>> {
        self.0.callbacks.run(ctx, seat)
    }

    pub(crate) fn is_library(&self) -> bool {
        self.0.callbacks.kind() == TypeId::of::<Library>()
    }
}

impl PartialEq for App {
    fn eq(&self, other: &App) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for App {}

impl<A: Application<Config = ()>> From<A> for App {
    fn from(application: A) -> App {
        App::new(application)
    }
}

impl From<&App> for App {
    fn from(app: &App) -> App {
        app.clone()
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.spec.get() {
            Some(spec) => write!(f, "App({})", spec.name),
            None => f.write_str("App"),
        }
    }
}

struct Configured<A, S> {
    application: Arc<A>,
    source: Arc<S>,
}

impl<A: Application, S: ConfigSource<Config = A::Config>> Callbacks for Configured<A, S> {
    fn spec(&self) -> AppSpec {
        self.application.spec()
    }

    fn kind(&self) -> TypeId {
        TypeId::of::<A>()
    }

    fn run(&self, ctx: ProcessContext<()>, seat: Seat) -> Option<BoxFuture<'static, ExitReason>> {
        Some(master::run(self.application.clone(), self.source.clone(), ctx, seat).boxed())
    }
}

struct Library(AppSpec);

impl Callbacks for Library {
    fn spec(&self) -> AppSpec {
        self.0.clone()
    }

    fn kind(&self) -> TypeId {
        TypeId::of::<Library>()
    }

    fn run(&self, _: ProcessContext<()>, _: Seat) -> Option<BoxFuture<'static, ExitReason>> {
        None
    }
}

/// See [`App::tree`].
struct Tree<F> {
    spec: AppSpec,
    tree: F,
}

impl<F> Application for Tree<F>
where
    F: Fn(&Process) -> Result<Supervisor, ExitReason> + Send + Sync + 'static,
{
    type State = ();
    type Config = ();

    fn spec(&self) -> AppSpec {
        self.spec.clone()
    }

    async fn start(&self, ctx: &AppContext<Self>) -> Result<Top, ExitReason> {
        let tree = (self.tree)(ctx)?;
        let supervisor = tree.start_link(ctx).label(self.spec.name.clone()).await?;
        Ok(Top::new(supervisor))
    }
}

/// Says which application is meant: an [`App`], or the name of one that is loaded.
#[derive(Clone, PartialEq)]
pub struct AppRef(Which);

#[derive(Clone, PartialEq)]
enum Which {
    Value(App),
    Name(Label),
}

impl AppRef {
    /// Returns the name of the application; that of one whose `spec` panics is unknown.
    pub(crate) fn into_name(self) -> Label {
        self.name().unwrap_or(Label::from_static("an application whose spec panics"))
    }

    pub(crate) fn name(&self) -> Result<Label, Crash> {
        match &self.0 {
            Which::Value(app) => Ok(app.spec()?.name.clone()),
            Which::Name(name) => Ok(name.clone()),
        }
    }

    pub(crate) fn value(&self) -> Option<&App> {
        match &self.0 {
            Which::Value(app) => Some(app),
            Which::Name(_) => None,
        }
    }
}

impl From<App> for AppRef {
    fn from(app: App) -> AppRef {
        AppRef(Which::Value(app))
    }
}

impl From<&App> for AppRef {
    fn from(app: &App) -> AppRef {
        AppRef(Which::Value(app.clone()))
    }
}

impl<A: Application<Config = ()>> From<A> for AppRef {
    fn from(application: A) -> AppRef {
        AppRef(Which::Value(App::new(application)))
    }
}

impl From<&AppRef> for AppRef {
    fn from(app: &AppRef) -> AppRef {
        app.clone()
    }
}

impl From<Label> for AppRef {
    fn from(name: Label) -> AppRef {
        AppRef(Which::Name(name))
    }
}

impl From<&Label> for AppRef {
    fn from(name: &Label) -> AppRef {
        AppRef(Which::Name(name.clone()))
    }
}

impl From<&str> for AppRef {
    fn from(name: &str) -> AppRef {
        AppRef(Which::Name(Label::from(name.to_owned())))
    }
}

impl From<String> for AppRef {
    fn from(name: String) -> AppRef {
        AppRef(Which::Name(Label::from(name)))
    }
}

impl fmt::Debug for AppRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Which::Value(app) => fmt::Debug::fmt(app, f),
            Which::Name(name) => fmt::Debug::fmt(name, f),
        }
    }
}

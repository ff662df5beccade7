//! The ways to start a child: with a function, or as a server.

use std::any::Any;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_behaviour::{HandOver, StartError};
use otp_core::{ExitReason, Label, Process, Registration};
use otp_genserver::{Envelope, GenServer, Start, Version};

use crate::start_as::{As, First};
use crate::started::{AnyChild, Started};

/// The return types of a child's start function: the child, or a `Result` of it.
///
/// The error of the `Result` is any error type, a boxed error, one of `anyhow` or `eyre`, a text, or an [`ExitReason`],
/// into which `?` converts any error type. A [`StartError`] keeps its meaning, even inside an exit reason.
#[diagnostic::on_unimplemented(
    message = "a start function cannot return `{Self}`",
    label = "return what was started, or a `Result` of it",
    note = "what was started has a pid: a `ServerRef`, a `SupervisorRef`, a `ProcessRef`, a `Pid`, or a type of your own \
            that is `Started`; the error of the `Result` is an error, a text, or an `ExitReason`"
)]
pub trait IntoStarted {
    /// The type of the started child.
    type Child: Started;

    /// Converts to the child, or the error.
    fn into_started(self) -> Result<Self::Child, StartError>;
}

impl<T: Started> IntoStarted for T {
    type Child = T;

    fn into_started(self) -> Result<T, StartError> {
        Ok(self)
    }
}

impl<T: Started, E: Into<Box<dyn Error + Send + Sync>>> IntoStarted for Result<T, E> {
    type Child = T;

    fn into_started(self) -> Result<T, StartError> {
        self.map_err(|error| StartError::from(ExitReason::error(error)))
    }
}

/// How the child of a [`ChildSpec`](crate::ChildSpec) is started: [`StartFn`] or [`StartServer`].
pub trait StartsChild: sealed::Sealed + Sized {
    /// Converts to a function.
    fn into_fn(self) -> StartFn;
}

mod sealed {
    #[expect(unnameable_types, reason = "nobody else is to implement it")]
    pub trait Sealed {}
    impl Sealed for super::StartFn {}
    impl<S: otp_genserver::GenServer> Sealed for super::StartServer<S> {}
}

/// A start function with any return type.
#[derive(Clone)]
pub struct StartFn(Arc<dyn Starts>);

/// Starts a child, as often as it is restarted.
pub(crate) trait Starts: Send + Sync {
    fn start(&self, supervisor: Process, hand_over: Option<&HandOver>) -> Starting;

    /// How the server is started, if it is one: an [`As`] of its type.
    fn server(&self) -> Option<Box<dyn Any + Send + Sync>> {
        None
    }
}

pub(crate) type Starting = BoxFuture<'static, Result<AnyChild, StartError>>;

impl StartFn {
    pub(crate) fn of<F, R>(start: F) -> StartFn
    where
        F: FnOnce(Process) -> R + Clone + Send + Sync + 'static,
        R: IntoFuture<Output: IntoStarted, IntoFuture: Send + 'static>,
    {
        StartFn::keeping(move |supervisor, _| start(supervisor))
    }

    /// The function gets what keeps the state of the child, too.
    pub(crate) fn keeping<F, R>(start: F) -> StartFn
    where
        F: FnOnce(Process, Option<HandOver>) -> R + Clone + Send + Sync + 'static,
        R: IntoFuture<Output: IntoStarted, IntoFuture: Send + 'static>,
    {
        StartFn(Arc::new(By(move |supervisor, hand_over: Option<&HandOver>| {
            starting(start.clone()(supervisor, hand_over.cloned()))
        })))
    }

    pub(crate) fn from(starts: impl Starts + 'static) -> StartFn {
        StartFn(Arc::new(starts))
    }

    pub(crate) fn run(&self, supervisor: Process, hand_over: Option<&HandOver>) -> Starting {
        self.0.start(supervisor, hand_over)
    }

    pub(crate) fn server(&self) -> Option<Box<dyn Any + Send + Sync>> {
        self.0.server()
    }
}

struct By<F>(F);

impl<F: Fn(Process, Option<&HandOver>) -> Starting + Send + Sync> Starts for By<F> {
    fn start(&self, supervisor: Process, hand_over: Option<&HandOver>) -> Starting {
        (self.0)(supervisor, hand_over)
    }
}

fn starting<R>(start: R) -> Starting
where
    R: IntoFuture<Output: IntoStarted, IntoFuture: Send + 'static>,
{
    start.into_future().map(|started| started.into_started().and_then(AnyChild::of)).boxed()
}

impl StartsChild for StartFn {
    fn into_fn(self) -> StartFn {
        self
    }
}

impl fmt::Debug for StartFn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StartFn")
    }
}

/// Starts a server from its arguments; each start gets a clone of them.
pub struct StartServer<S: GenServer> {
    args: S::Args,
    under: Under<S>,
}

/// Under which name a server is started, and with which options.
struct Under<S: GenServer> {
    name: Option<Arc<dyn Registration<Envelope<S>>>>,
    options: Option<Arc<Options<S>>>,
}

type Options<S> = dyn Fn(Start<S>) -> Start<S> + Send + Sync;

impl<S: GenServer> StartServer<S> {
    pub(crate) fn new(args: S::Args) -> StartServer<S> {
        StartServer { args, under: Under { name: None, options: None } }
    }

    pub(crate) fn label(&self) -> Label {
        self.under.name.as_ref().map_or_else(|| Label::from_static(S::type_label()), |name| name.label())
    }

    pub(crate) fn name(mut self, name: impl Registration<Envelope<S>> + 'static) -> StartServer<S> {
        self.under.name = Some(Arc::new(name));
        self
    }

    pub(crate) fn with(mut self, options: impl Fn(Start<S>) -> Start<S> + Send + Sync + 'static) -> StartServer<S> {
        self.under.options = Some(Arc::new(options));
        self
    }
}

impl<S: GenServer> Under<S> {
    fn starting(&self, start: Start<S>, hand_over: Option<&HandOver>) -> Starting {
        let start = match &self.options {
            Some(options) => options(start),
            None => start,
        };
        let start = match hand_over {
            Some(hand_over) => start.hand_over(hand_over.clone()),
            None => start,
        };
        starting(match self.name.clone() {
            Some(name) => start.name(name),
            None => start,
        })
    }
}

impl<S: GenServer<Args: Clone + Sync>> StartsChild for StartServer<S> {
    fn into_fn(self) -> StartFn {
        StartFn::from(self)
    }
}

impl<S: GenServer<Args: Clone + Sync>> Starts for StartServer<S> {
    fn start(&self, supervisor: Process, hand_over: Option<&HandOver>) -> Starting {
        self.under.starting(S::start_link(&supervisor, self.args.clone()), hand_over)
    }

    fn server(&self) -> Option<Box<dyn Any + Send + Sync>> {
        Some(Box::new(As::<S> { first: Arc::new(self.under.clone()), args: self.args.clone() }))
    }
}

impl<S: GenServer> First<S::Call, S::Cast, S::Info> for Under<S> {
    fn start_as(
        &self,
        version: Version<S::Call, S::Cast, S::Info>,
        supervisor: &Process,
        hand_over: Option<&HandOver>,
    ) -> Starting {
        self.starting(Start::version(supervisor, version), hand_over)
    }
}

impl<S: GenServer<Args: Clone>> Clone for StartServer<S> {
    fn clone(&self) -> StartServer<S> {
        StartServer { args: self.args.clone(), under: self.under.clone() }
    }
}

impl<S: GenServer> Clone for Under<S> {
    fn clone(&self) -> Under<S> {
        Under { name: self.name.clone(), options: self.options.clone() }
    }
}

impl<S: GenServer> fmt::Debug for StartServer<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StartServer({})", self.label())
    }
}

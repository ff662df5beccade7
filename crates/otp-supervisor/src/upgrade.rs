use std::any::TypeId;
use std::marker::PhantomData;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use otp_behaviour::sys::{CodeChangeError, SysError};
use otp_behaviour::{contain, report_crash};
use otp_core::{CallError, Crash, Label, Pid, System, Term};
use otp_genserver::{Context, GenServer, Prepared, Upgrade};

use crate::children::{Children, Key};
use crate::kind::Kind;
use crate::server::{Request, Server};
use crate::spec::ChildSpec;
use crate::start_as::As;
use crate::supervisor_ref::SupervisorRef;

impl<K: Kind> SupervisorRef<K> {
    /// Upgrades all children that are servers of type `T` to type `U`, together or not at all: OTP's code change over a
    /// supervisor. Children of other types are not touched. Returns how many children were upgraded, running or not.
    ///
    /// The supervisor suspends these children and has each make its new state, with [`Upgrade::upgrade`]. If one refuses,
    /// or panics, or does not come to it within five seconds, all go on as they were. Otherwise all new servers take over,
    /// and are resumed. Their messages wait meanwhile, and so does the supervisor. A child that ends meanwhile is restarted
    /// afterwards, by the rules of its restart.
    ///
    /// From then on a restart of such a child starts a `U`, with the arguments that `args` makes of those of the `T`; its
    /// id, its name, its options and its place stay. Nothing of the `T` is kept, neither its arguments nor `extra`. The
    /// template of a dynamic supervisor starts a `U`, too: it keeps `args`, and makes arguments of a `T` first.
    ///
    /// It finds the children whose specs are made by [`Supervised::child`](crate::Supervised::child): what a start function
    /// of your own starts is not known before.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::gen_server::{Context, GenServer, Init, Next, NoMessage, Upgrade};
    /// use otp::prelude::*;
    /// use otp::process::Term;
    ///
    /// struct Greeter(&'static str);
    ///
    /// impl GenServer for Greeter {
    ///     type Args = &'static str;
    ///     type Call = ReplyTo<String>;
    ///     type Cast = NoMessage;
    ///     type Info = NoMessage;
    ///     type Continue = NoMessage;
    ///
    ///     async fn init(name: &'static str, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
    ///         Ok(Init::Ok(Greeter(name)))
    ///     }
    ///
    ///     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
    ///         from.reply(format!("hello, {}", self.0));
    ///         Ok(Next::Receive)
    ///     }
    /// }
    ///
    /// impl Supervised for Greeter {}
    ///
    /// /// The next version: it counts.
    /// struct Counting(&'static str, u32);
    ///
    /// impl GenServer for Counting {
    ///     type Args = &'static str;
    ///     type Call = ReplyTo<String>;
    ///     type Cast = NoMessage;
    ///     type Info = NoMessage;
    ///     type Continue = NoMessage;
    ///
    ///     async fn init(name: &'static str, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
    ///         Ok(Init::Ok(Counting(name, 0)))
    ///     }
    ///
    ///     async fn handle_call(&mut self, from: Self::Call, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
    ///         self.1 += 1;
    ///         from.reply(format!("hello, {}, for the {}. time", self.0, self.1));
    ///         Ok(Next::Receive)
    ///     }
    /// }
    ///
    /// impl Upgrade<Greeter> for Counting {
    ///     fn upgrade(old: &Greeter, _: &Term) -> Result<Counting, ExitReason> {
    ///         Ok(Counting(old.0, 0))
    ///     }
    /// }
    ///
    /// const JOE: ServerName<Greeter> = ServerName::new("joe");
    /// let supervisor =
    ///     Supervisor::new(Strategy::OneForOne).child(Greeter::child("Joe").name(JOE)).start(&system).await.unwrap();
    /// let joe = ServerRef::named(&system, JOE);
    /// assert_eq!(joe.call(|from| from).await.unwrap(), "hello, Joe");
    ///
    /// let upgraded = supervisor.upgrade::<Greeter, Counting>(Term::new(()), |name| *name).await;
    /// assert_eq!(upgraded, Ok(1));
    /// assert_eq!(joe.call(|from| from).await.unwrap(), "hello, Joe, for the 1. time");
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// See [`UpgradeError`]: then nothing was changed.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the supervisor may upgrade its children all the same, all or none.
    pub async fn upgrade<T, U>(
        &self,
        extra: Term,
        args: impl Fn(&T::Args) -> U::Args + Send + Sync + 'static,
    ) -> Result<usize, UpgradeError>
    where
        T: GenServer,
        U: Upgrade<T> + GenServer<Args: Clone + Sync>,
    {
        let change = Arc::new(Change::<T, U, _> { extra, args: Arc::new(args), types: PhantomData });
        self.server().call(|from| Request::Upgrade(change, from)).no_timeout().await?
    }
}

/// The error of upgrading the children of a supervisor. All children go on as before.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum UpgradeError {
    /// There was no answer.
    #[error(transparent)]
    Call(#[from] CallError),
    /// A child could not be upgraded.
    #[error("the child {id:?} could not be upgraded: {error}")]
    Child {
        /// The id of the child.
        id: Label,
        /// What it answered.
        error: CodeChangeError,
    },
    /// The function that makes the arguments of a child panicked.
    #[error("the arguments of the child {id:?} could not be made: {crash}")]
    Args {
        /// The id of the child.
        id: Label,
        /// The panic.
        crash: Crash,
    },
}

/// Upgrades children, whatever their types.
#[expect(unnameable_types, reason = "only the supervisor's reference makes one")]
pub trait Changes: Send + Sync {
    /// Makes the spec of a child after the change; `None` if it is no server of the type that is changed.
    fn spec(&self) -> NextSpec;

    fn prepare(&self, system: &System, child: Pid) -> BoxFuture<'static, Result<Box<dyn Ready>, CodeChangeError>>;
}

type NextSpec = Arc<dyn Fn(&ChildSpec) -> Option<ChildSpec> + Send + Sync>;

/// A child that is ready to be upgraded.
#[expect(unnameable_types, reason = "as above")]
pub trait Ready: Send {
    fn finish(self: Box<Self>, system: &System) -> BoxFuture<'static, Result<(), CodeChangeError>>;
    fn abandon(self: Box<Self>, system: &System) -> BoxFuture<'static, Result<(), CodeChangeError>>;
}

struct Change<T, U, F> {
    extra: Term,
    args: Arc<F>,
    types: PhantomData<fn(T) -> U>,
}

impl<T, U, F> Changes for Change<T, U, F>
where
    T: GenServer,
    U: Upgrade<T> + GenServer<Args: Clone + Sync>,
    F: Fn(&T::Args) -> U::Args + Send + Sync + 'static,
{
    fn spec(&self) -> NextSpec {
        let args = self.args.clone();
        Arc::new(move |child| {
            let server = child.server()?.downcast::<As<T>>().ok()?;
            Some(child.clone().started_by(server.upgraded::<U>(args(&server.args))))
        })
    }

    fn prepare(&self, system: &System, child: Pid) -> BoxFuture<'static, Result<Box<dyn Ready>, CodeChangeError>> {
        let prepared = Prepared::<T>::new::<U>(system, child, self.extra.clone());
        async move { Ok(Box::new(prepared.await?) as Box<dyn Ready>) }.boxed()
    }
}

impl<S: GenServer> Ready for Prepared<S> {
    fn finish(self: Box<Self>, system: &System) -> BoxFuture<'static, Result<(), CodeChangeError>> {
        Prepared::finish(*self, system).boxed()
    }

    fn abandon(self: Box<Self>, system: &System) -> BoxFuture<'static, Result<(), CodeChangeError>> {
        Prepared::abandon(*self, system).boxed()
    }
}

impl<K: Kind> Server<K> {
    /// Upgrades the children that `change` is for: all of them, or none.
    pub(crate) async fn upgrade(
        &mut self,
        change: Arc<dyn Changes>,
        ctx: &mut Context<Self>,
    ) -> Result<usize, UpgradeError> {
        let next = change.spec();
        let specs = changed(&self.children, &*next, ctx)?;
        let system = ctx.system();
        let (mut running, mut prepared) = (Vec::new(), Vec::new());
        for child in specs.iter().filter_map(|(key, _)| self.children.get(*key)) {
            if let Some(pid) = child.state.running() {
                running.push(child.spec.id().clone());
                prepared.push(change.prepare(system, pid));
            }
        }
        let (mut ready, mut failed) = (Vec::new(), None);
        for (id, prepared) in running.into_iter().zip(join_all(prepared).await) {
            match prepared {
                Ok(child) => ready.push(child),
                Err(error) if has_ended(&error) => {}
                Err(error) => failed = failed.or(Some(UpgradeError::Child { id, error })),
            }
        }
        // That these fail, because a child has ended, is left to the message of its end.
        if let Some(error) = failed {
            let abandoned: Vec<_> = ready.into_iter().map(|child| child.abandon(system)).collect();
            join_all(abandoned).await;
            return Err(error);
        }
        let finished: Vec<_> = ready.into_iter().map(|child| child.finish(system)).collect();
        join_all(finished).await;
        let upgraded = specs.len();
        for (key, spec) in specs {
            if let Some(child) = self.children.get_mut(key) {
                child.spec = spec;
            }
        }
        // Where a child is started from a spec, that says of which type it is.
        if TypeId::of::<K::Child>() != TypeId::of::<ChildSpec>() {
            let before = self.template.clone();
            self.template = Arc::new(move |child| {
                let spec = before(child);
                next(&spec).unwrap_or(spec)
            });
        }
        Ok(upgraded)
    }
}

/// The specs of the children that are to be upgraded, as they will be.
fn changed<K: Kind>(
    children: &Children,
    next: &dyn Fn(&ChildSpec) -> Option<ChildSpec>,
    ctx: &Context<Server<K>>,
) -> Result<Vec<(Key, ChildSpec)>, UpgradeError> {
    let mut specs = Vec::new();
    for (key, child) in children.iter() {
        match contain(|| next(&child.spec)) {
            Ok(spec) => specs.extend(spec.map(|spec| (key, spec))),
            Err(crash) => {
                report_crash(ctx, &crash);
                return Err(UpgradeError::Args { id: child.spec.id().clone(), crash });
            }
        }
    }
    Ok(specs)
}

fn has_ended(error: &CodeChangeError) -> bool {
    matches!(error, CodeChangeError::Sys(SysError::Call(CallError::NoProc(_) | CallError::Exited { .. })))
}

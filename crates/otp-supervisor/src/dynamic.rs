use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use otp_behaviour::{contain, report_crash};
use otp_core::{CallError, ExitReason, Label, LookupError, Pid, ReplyTo, Spawner, System};
use otp_genserver::{Context, GenServer, Info, Init, Next, NoMessage, ServerName, ServerRef, StartError, Stop};

use crate::children::{ChildState, Children};
use crate::decide::Rules;
use crate::error::{ChildError, StartChildError, check_childspec, check_period};
use crate::flags::{AutoShutdown, Strategy};
use crate::info::{ChildInfo, Counts};
use crate::intensity::Intensity;
use crate::restart::{Carrier, Retry};
use crate::spec::{ChildSpec, Started};
use crate::start::StartSupervisor;
use crate::stop::{stop_child, stop_together};

/// A supervisor that is about to be started, without children, for any number of them.
///
/// Children are added while it runs, each by itself: with a spec of its own (Elixir's `DynamicSupervisor`), or with
/// arguments from which a template makes the spec (OTP's `simple_one_for_one`). They have no ids, and one that is not
/// started again is forgotten. When the supervisor stops, all are told at once, and each has its own time limit.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::{Process, ProcessContext};
/// use otp::supervisor::{ChildSpec, DynamicSupervisor, Restart};
///
/// let connections = DynamicSupervisor::template(|number: u32| {
///     ChildSpec::worker("connection", move |supervisor: &Process| {
///         let process = supervisor.spawn_link(async move |_: ProcessContext<u32>| {
///             std::future::pending::<u32>().await;
///         });
///         std::future::ready(Ok(process))
///     })
///     .restart(Restart::Temporary)
/// })
/// .max_children(2)
/// .start(&system)
/// .await
/// .unwrap();
///
/// assert!(connections.start_child(1).await.is_ok());
/// assert!(connections.start_child(2).await.is_ok());
/// assert!(connections.start_child(3).await.is_err());
/// # }).unwrap();
/// ```
#[must_use = "a supervisor does nothing before it is started"]
pub struct DynamicSupervisor<A: Send + 'static = ChildSpec> {
    template: Template<A>,
    forgives_dead: bool,
    limit: Option<usize>,
    intensity: Intensity,
    auto_shutdown: AutoShutdown,
}

type Template<A> = Arc<dyn Fn(A) -> ChildSpec + Send + Sync>;

impl DynamicSupervisor {
    /// A supervisor whose children each bring a spec. It has the defaults of Elixir's `DynamicSupervisor`: three
    /// restarts within five seconds.
    pub fn new() -> DynamicSupervisor {
        DynamicSupervisor {
            forgives_dead: false,
            intensity: Intensity::new(3, Duration::from_secs(5)),
            ..DynamicSupervisor::template(|spec| spec)
        }
    }
}

impl Default for DynamicSupervisor {
    fn default() -> DynamicSupervisor {
        DynamicSupervisor::new()
    }
}

impl<A: Send + 'static> DynamicSupervisor<A> {
    /// A supervisor whose children are made from arguments; a restart uses the same ones. A template that panics
    /// fails that one start, and nothing else.
    pub fn template(template: impl Fn(A) -> ChildSpec + Send + Sync + 'static) -> DynamicSupervisor<A> {
        DynamicSupervisor {
            template: Arc::new(template),
            forgives_dead: true,
            limit: None,
            intensity: Intensity::new(1, Duration::from_secs(5)),
            auto_shutdown: AutoShutdown::Never,
        }
    }

    /// How many children there may be, those included that wait for a restart; by default, any number.
    pub fn max_children(mut self, limit: usize) -> DynamicSupervisor<A> {
        self.limit = Some(limit);
        self
    }

    /// How many restarts are allowed within which time, over all children; by default, one within five seconds for a
    /// template, as in OTP, and three for specs, as in Elixir.
    pub fn intensity(mut self, limit: usize, period: Duration) -> DynamicSupervisor<A> {
        self.intensity = Intensity::new(limit, period);
        self
    }

    /// Whether the supervisor ends when significant children do; by default, never.
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> DynamicSupervisor<A> {
        self.auto_shutdown = auto_shutdown;
        self
    }

    /// Starts the supervisor, linked to nobody; see [`Supervisor::start`](crate::Supervisor::start).
    pub fn start(self, on: &impl Spawner) -> StartSupervisor<DynamicServer<A>, DynamicSupervisorRef<A>> {
        StartSupervisor::wrapping(DynamicServer::start(on, self), DynamicSupervisorRef::new)
    }

    /// Starts the supervisor, linked to its parent; see [`Supervisor::start_link`](crate::Supervisor::start_link).
    pub fn start_link(self, on: &impl Spawner) -> StartSupervisor<DynamicServer<A>, DynamicSupervisorRef<A>> {
        StartSupervisor::wrapping(DynamicServer::start_link(on, self), DynamicSupervisorRef::new)
    }
}

impl<A: Send + 'static> fmt::Debug for DynamicSupervisor<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DynamicSupervisor").field("limit", &self.limit).finish_non_exhaustive()
    }
}

/// A handle to a dynamic supervisor: a process, or whoever holds a name. Cheap to clone.
///
/// As with [`SupervisorRef`](crate::SupervisorRef), requests wait for their turn without a time limit. A dynamic
/// supervisor that was started again has no children.
pub struct DynamicSupervisorRef<A: Send + 'static = ChildSpec> {
    server: ServerRef<DynamicServer<A>>,
}

/// The name of a dynamic supervisor.
pub type DynamicSupervisorName<A = ChildSpec> = ServerName<DynamicServer<A>>;

impl<A: Send + 'static> DynamicSupervisorRef<A> {
    fn new(server: ServerRef<DynamicServer<A>>) -> DynamicSupervisorRef<A> {
        DynamicSupervisorRef { server }
    }

    /// The supervisor that holds `name` in `system`, whichever that is at the time.
    pub fn named(system: &System, name: DynamicSupervisorName<A>) -> DynamicSupervisorRef<A> {
        DynamicSupervisorRef::new(ServerRef::named(system, name))
    }

    /// The supervisor that has this pid.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if there is no such process, or it is another kind of process.
    pub fn of(system: &System, pid: Pid) -> Result<DynamicSupervisorRef<A>, LookupError> {
        ServerRef::of(system, pid).map(DynamicSupervisorRef::new)
    }

    /// Starts a child, and returns when it has started. `None` if its start answered ignore; nothing is kept of it
    /// then.
    ///
    /// # Errors
    ///
    /// See [`StartChildError`]. Nothing of a child that did not start is kept.
    pub async fn start_child(&self, child: A) -> Result<Option<Pid>, StartChildError> {
        self.server.call(|from| DynamicCall::Start(child, from)).no_timeout().await?
    }

    /// Stops a child as its spec says, and returns when it has ended. A child that waits for its restart is found
    /// under its last pid. A process that has ended is no error for the supervisor of a template, as in OTP; for one
    /// whose children bring their specs it is [`ChildError::NotFound`], as in Elixir.
    ///
    /// # Errors
    ///
    /// [`ChildError::NotFound`], or [`ChildError::Call`].
    pub async fn terminate_child(&self, pid: Pid) -> Result<(), ChildError> {
        self.server.call(|from| DynamicCall::Terminate(pid, from)).no_timeout().await?
    }

    /// All children, the one that was added last first.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor is gone.
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.server.call(DynamicCall::Which).no_timeout().await
    }

    /// How many children there are.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor is gone.
    pub async fn count_children(&self) -> Result<Counts, CallError> {
        self.server.call(DynamicCall::Count).no_timeout().await
    }

    /// The spec of a child.
    ///
    /// # Errors
    ///
    /// [`ChildError::NotFound`], or [`ChildError::Call`].
    pub async fn childspec(&self, pid: Pid) -> Result<ChildSpec, ChildError> {
        self.server.call(|from| DynamicCall::Spec(pid, from)).no_timeout().await?
    }

    /// Has the supervisor stop its children and end; see [`Stop`].
    pub fn stop(&self) -> Stop<DynamicServer<A>> {
        self.server.stop()
    }

    /// The supervisor's pid; `None` if nobody holds the name.
    pub fn pid(&self) -> Option<Pid> {
        self.server.pid()
    }

    /// The supervisor as a server, for what every server understands.
    pub fn server(&self) -> &ServerRef<DynamicServer<A>> {
        &self.server
    }
}

impl<A: Send + 'static> Clone for DynamicSupervisorRef<A> {
    fn clone(&self) -> DynamicSupervisorRef<A> {
        DynamicSupervisorRef { server: self.server.clone() }
    }
}

impl<A: Send + 'static> Started for DynamicSupervisorRef<A> {
    fn pid(&self) -> Option<Pid> {
        DynamicSupervisorRef::pid(self)
    }
}

impl<A: Send + 'static> fmt::Debug for DynamicSupervisorRef<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DynamicSupervisorRef({:?})", self.server)
    }
}

/// The process of a dynamic supervisor.
#[doc(hidden)]
pub struct DynamicServer<A> {
    template: Template<A>,
    /// Whether it is no error to stop a process that has ended: as in OTP, but not in Elixir.
    forgives_dead: bool,
    limit: Option<usize>,
    children: Children,
    rules: Rules,
}

#[doc(hidden)]
#[expect(unnameable_types, reason = "only the supervisor's reference makes one")]
pub enum DynamicCall<A> {
    Start(A, ReplyTo<Result<Option<Pid>, StartChildError>>),
    Terminate(Pid, ReplyTo<Result<(), ChildError>>),
    Which(ReplyTo<Vec<ChildInfo>>),
    Count(ReplyTo<Counts>),
    Spec(Pid, ReplyTo<Result<ChildSpec, ChildError>>),
}

impl<A: Send + 'static> GenServer for DynamicServer<A> {
    type Args = DynamicSupervisor<A>;
    type Call = DynamicCall<A>;
    type Cast = NoMessage;
    type Info = Retry;
    type Continue = NoMessage;

    async fn init(args: DynamicSupervisor<A>, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(true);
        check_period(args.intensity.period())?;
        Ok(Init::Ok(DynamicServer {
            template: args.template,
            forgives_dead: args.forgives_dead,
            limit: args.limit,
            children: Children::without_ids(),
            rules: Rules {
                strategy: Strategy::OneForOne,
                auto_shutdown: args.auto_shutdown,
                intensity: args.intensity,
            },
        }))
    }

    async fn handle_call(&mut self, call: DynamicCall<A>, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        match call {
            DynamicCall::Start(child, from) => from.reply(self.add_child(child, ctx).await),
            DynamicCall::Terminate(pid, from) => from.reply(self.terminate_child(pid, ctx).await),
            DynamicCall::Which(from) => {
                from.reply(self.children.iter().rev().map(|(_, child)| ChildInfo::of(child)).collect());
            }
            DynamicCall::Count(from) => from.reply(Counts::of(&self.children, ctx.system())),
            DynamicCall::Spec(pid, from) => {
                from.reply(self.children.by_pid(pid).map(|(_, child)| child.spec.clone()).ok_or_else(not_found(pid)));
            }
        }
        Ok(Next::Receive)
    }

    async fn handle_info(&mut self, info: Info<Retry>, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        Carrier { children: &mut self.children, ctx }.handle(&mut self.rules, info).await
    }

    async fn terminate(&mut self, _: &ExitReason, ctx: &mut Context<Self>) -> Result<(), ExitReason> {
        stop_together(ctx, self.children.iter().filter_map(|(_, child)| child.to_stop())).await;
        Ok(())
    }
}

impl<A: Send + 'static> DynamicServer<A> {
    async fn add_child(&mut self, child: A, ctx: &mut Context<Self>) -> Result<Option<Pid>, StartChildError> {
        if let Some(limit) = self.limit
            && self.children.len() >= limit
        {
            return Err(StartChildError::MaxChildren { limit });
        }
        let spec = contain(|| (self.template)(child)).map_err(|crash| {
            report_crash(ctx, &crash);
            let error = StartError::Failed(ExitReason::Error(crash));
            StartChildError::Failed { id: Label::from_static("template"), error }
        })?;
        check_childspec(&spec, self.rules.auto_shutdown)?;
        let id = spec.id().clone();
        let key = self.children.add(spec);
        let started = Carrier { children: &mut self.children, ctx }.start(key).await;
        started.map_err(|error| {
            self.children.remove(key);
            StartChildError::Failed { id, error }
        })
    }

    async fn terminate_child(&mut self, pid: Pid, ctx: &mut Context<Self>) -> Result<(), ChildError> {
        let Some((key, child)) = self.children.by_pid(pid) else {
            let forgiven = self.forgives_dead && !ctx.system().is_alive(pid);
            return if forgiven { Ok(()) } else { Err(not_found(pid)()) };
        };
        let shutdown = child.spec.shutdown_limit();
        if let ChildState::Running(pid) = child.state {
            stop_child(ctx, pid, shutdown).await;
        }
        self.children.remove(key);
        Ok(())
    }
}

fn not_found(pid: Pid) -> impl Fn() -> ChildError {
    move || ChildError::NotFound { child: Label::from(pid.to_string()) }
}

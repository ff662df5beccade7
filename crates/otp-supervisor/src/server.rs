use std::sync::Arc;

use otp_behaviour::{StartError, contain, report_crash};
use otp_core::{ExitReason, Label, Process, ReplyTo};
use otp_genserver::{Context, GenServer, Info, Init, Next, NoMessage};

use crate::children::{ChildState, Children, Key};
use crate::decide::Rules;
use crate::error::{ChildError, FailedToStartChild, StartChildError, check_childspec};
use crate::info::{ChildInfo, Counts};
use crate::kind::{ChildId, Kind};
use crate::restart::{Carrier, Retry};
use crate::spec::ChildSpec;
use crate::started::AnyChild;
use crate::stop::{stop_child, stop_in_turn, stop_together};
use crate::supervision::know;
use crate::upgrade::{Changes, UpgradeError};

/// The server behind every supervisor. It carries out the decisions of [`Rules`], one at a time.
#[expect(unnameable_types, reason = "supervisors are asked by their references")]
pub struct Server<K: Kind> {
    pub(crate) children: Children,
    pub(crate) rules: Rules,
    pub(crate) template: Template<K::Child>,
    /// The maximum number of children.
    pub(crate) limit: Option<usize>,
    /// Whether stopping a process that has ended succeeds: as with OTP's templates, but not in Elixir.
    pub(crate) forgives_dead: bool,
}

/// The function that makes the spec of a child.
pub(crate) type Template<A> = Arc<dyn Fn(A) -> ChildSpec + Send + Sync>;

/// Makes the supervisor and its initial children, in its own process.
#[expect(unnameable_types, reason = "supervisors are made by their builders")]
pub struct Plan<K: Kind>(Box<Make<K>>);

type Make<K> = dyn FnOnce(&Process) -> Made<K> + Send;

type Made<K> = Result<(Server<K>, Vec<ChildSpec>), StartError>;

impl<K: Kind> Plan<K> {
    pub(crate) fn new(make: impl FnOnce(&Process) -> Made<K> + Send + 'static) -> Plan<K> {
        Plan(Box::new(make))
    }
}

#[expect(unnameable_types, reason = "only the supervisor's reference makes one")]
pub enum Request<K: Kind> {
    Start(K::Child, ReplyTo<Result<Option<AnyChild>, StartChildError>>),
    Terminate(K::Id, ReplyTo<Result<(), ChildError>>),
    Restart(K::Id, ReplyTo<Result<Option<AnyChild>, ChildError>>),
    Delete(K::Id, ReplyTo<Result<(), ChildError>>),
    Which(ReplyTo<Vec<ChildInfo>>),
    Count(ReplyTo<Counts>),
    Spec(K::Id, ReplyTo<Result<ChildSpec, ChildError>>),
    Upgrade(Arc<dyn Changes>, ReplyTo<Result<usize, UpgradeError>>),
}

impl<K: Kind> GenServer for Server<K> {
    type Args = Plan<K>;
    type Call = Request<K>;
    type Cast = NoMessage;
    type Info = Retry;
    type Continue = NoMessage;

    async fn init(plan: Plan<K>, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(true);
        know::<K>(ctx.system());
        let (mut server, specs) = match (plan.0)(ctx) {
            Ok(made) => made,
            Err(StartError::Ignore(_)) => return Ok(Init::Ignore),
            Err(StartError::Failed { reason, .. }) => return Ok(Init::Stop(reason)),
            Err(error) => return Ok(Init::Stop(error.into())),
        };
        for spec in specs {
            let id = spec.id().clone();
            let key = server.children.add(spec);
            if let Err(error) = server.start_child(key, ctx).await {
                server.stop_all(ctx).await;
                return Ok(Init::Stop(ExitReason::shutdown_with(FailedToStartChild { child: id, error })));
            }
        }
        Ok(Init::Ok(server))
    }

    async fn handle_call(&mut self, request: Request<K>, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        match request {
            Request::Start(child, from) => from.reply(self.add_child(child, ctx).await),
            Request::Terminate(id, from) => from.reply(self.terminate_child(&id, ctx).await),
            Request::Restart(id, from) => from.reply(self.restart_child(&id, ctx).await),
            Request::Delete(id, from) => from.reply(self.delete_child(&id)),
            Request::Which(from) => {
                from.reply(self.children.iter().rev().map(|(_, child)| ChildInfo::of(child)).collect());
            }
            Request::Count(from) => from.reply(Counts::of(&self.children, ctx.system())),
            Request::Upgrade(change, from) => from.reply(self.upgrade(change, ctx).await),
            Request::Spec(id, from) => {
                from.reply(match id.find(&self.children).and_then(|key| self.children.get(key)) {
                    Some(child) => Ok(child.spec.clone()),
                    None => Err(not_found(&id)),
                })
            }
        }
        Ok(Next::Receive)
    }

    async fn handle_info(&mut self, info: Info<Retry>, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        Carrier { children: &mut self.children, ctx }.handle(&mut self.rules, info).await
    }

    fn type_label() -> &'static str {
        "Supervisor"
    }

    async fn terminate(&mut self, _: &ExitReason, ctx: &mut Context<Self>) -> Result<(), ExitReason> {
        self.stop_all(ctx).await;
        Ok(())
    }
}

impl<K: Kind> Server<K> {
    async fn add_child(
        &mut self,
        child: K::Child,
        ctx: &mut Context<Self>,
    ) -> Result<Option<AnyChild>, StartChildError> {
        if let Some(limit) = self.limit
            && self.children.len() >= limit
        {
            return Err(StartChildError::MaxChildren { limit });
        }
        let spec = contain(|| (self.template)(child)).map_err(|crash| {
            report_crash(ctx, &crash);
            let error = StartError::failed(ExitReason::Error(crash));
            StartChildError::Failed { id: Label::from_static("template"), error }
        })?;
        check_childspec(&spec, self.rules.auto_shutdown)?;
        let id = spec.id().clone();
        match self.children.by_id(&id).and_then(|key| self.children.get(key)).map(|child| child.state) {
            Some(ChildState::Running(pid)) => return Err(StartChildError::AlreadyStarted { id, pid }),
            Some(_) => return Err(StartChildError::AlreadyPresent { id }),
            None => {}
        }
        let key = self.children.add(spec);
        self.start_child(key, ctx).await.map_err(|error| {
            self.children.remove(key);
            StartChildError::Failed { id, error }
        })
    }

    async fn terminate_child(&mut self, id: &K::Id, ctx: &mut Context<Self>) -> Result<(), ChildError> {
        let Some(key) = id.find(&self.children) else {
            let forgiven = self.forgives_dead && id.has_ended(ctx.system());
            return if forgiven { Ok(()) } else { Err(not_found(id)) };
        };
        if let Some((pid, shutdown)) = self.children.get(key).and_then(|child| child.to_stop()) {
            stop_child(ctx, pid, shutdown).await;
        }
        self.children.ended(key);
        Ok(())
    }

    async fn restart_child(&mut self, id: &K::Id, ctx: &mut Context<Self>) -> Result<Option<AnyChild>, ChildError> {
        let key = self.stopped(id)?;
        self.start_child(key, ctx).await.map_err(|error| ChildError::Failed { id: id.label(), error })
    }

    fn delete_child(&mut self, id: &K::Id) -> Result<(), ChildError> {
        let key = self.stopped(id)?;
        self.children.remove(key);
        Ok(())
    }

    /// Finds a child that must not be running.
    fn stopped(&self, id: &K::Id) -> Result<Key, ChildError> {
        let key = id.find(&self.children).ok_or_else(|| not_found(id))?;
        match self.children.get(key).map(|child| child.state) {
            Some(ChildState::Running(_)) => Err(ChildError::Running { id: id.label() }),
            Some(ChildState::Restarting(_)) => Err(ChildError::Restarting { id: id.label() }),
            _ => Ok(key),
        }
    }

    /// Starts a child for the first time, or on request.
    async fn start_child(&mut self, key: Key, ctx: &mut Context<Self>) -> Result<Option<AnyChild>, StartError> {
        Carrier { children: &mut self.children, ctx }.start(key).await
    }

    /// Stops all children: children with an order one after the other, the last one first.
    async fn stop_all(&mut self, ctx: &mut Context<Self>) {
        let running = self.children.iter().rev().filter_map(|(_, child)| child.to_stop());
        match self.children.are_dynamic() {
            true => stop_together(ctx.system(), running.rev()).await,
            false => stop_in_turn(ctx.system(), running).await,
        }
    }
}

fn not_found(id: &impl ChildId) -> ChildError {
    ChildError::NotFound { child: id.label() }
}

use otp_behaviour::StartError;
use otp_core::{ExitReason, Label, ReplyTo};
use otp_genserver::{Context, GenServer, Info, Init, Next, NoMessage};

use crate::children::{ChildState, Children, Key};
use crate::decide::Rules;
use crate::error::{ChildError, FailedToStartChild, StartChildError, check_childspec};
use crate::info::{ChildInfo, Counts};
use crate::restart::{Carrier, Retry};
use crate::spec::ChildSpec;
use crate::started::AnyChild;
use crate::stop::{stop_child, stop_in_turn};
use crate::supervisor::DeferredSupervisor;

/// The process of a supervisor whose children have ids. It carries out what [`Rules`] decide, one thing at a time.
#[doc(hidden)]
pub struct SupervisorServer {
    children: Children,
    rules: Rules,
}

#[doc(hidden)]
#[expect(unnameable_types, reason = "only the supervisor's reference makes one")]
pub enum SupervisorCall {
    Start(ChildSpec, ReplyTo<Result<Option<AnyChild>, StartChildError>>),
    Terminate(Label, ReplyTo<Result<(), ChildError>>),
    Restart(Label, ReplyTo<Result<Option<AnyChild>, ChildError>>),
    Delete(Label, ReplyTo<Result<(), ChildError>>),
    Which(ReplyTo<Vec<ChildInfo>>),
    Count(ReplyTo<Counts>),
    Spec(Label, ReplyTo<Result<ChildSpec, ChildError>>),
}

impl GenServer for SupervisorServer {
    type Args = DeferredSupervisor;
    type Call = SupervisorCall;
    type Cast = NoMessage;
    type Info = Retry;
    type Continue = NoMessage;

    async fn init(args: DeferredSupervisor, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        ctx.trap_exit(true);
        let supervisor = match args.make(ctx) {
            Ok(supervisor) => supervisor,
            Err(StartError::Ignore(_)) => return Ok(Init::Ignore),
            Err(StartError::Failed(reason)) => return Ok(Init::Stop(reason)),
            Err(error) => return Ok(Init::Stop(error.into())),
        };
        let rules = Rules {
            strategy: supervisor.strategy,
            auto_shutdown: supervisor.auto_shutdown,
            intensity: supervisor.intensity,
        };
        let mut server = SupervisorServer { children: Children::with_ids(), rules };
        for spec in supervisor.children {
            let id = spec.id().clone();
            let key = server.children.add(spec);
            if let Err(error) = server.start_child(key, ctx).await {
                server.stop_all(ctx).await;
                return Ok(Init::Stop(ExitReason::shutdown_with(FailedToStartChild { child: id, error })));
            }
        }
        Ok(Init::Ok(server))
    }

    async fn handle_call(&mut self, call: SupervisorCall, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        match call {
            SupervisorCall::Start(spec, from) => from.reply(self.add_child(spec, ctx).await),
            SupervisorCall::Terminate(id, from) => from.reply(self.terminate_child(id, ctx).await),
            SupervisorCall::Restart(id, from) => from.reply(self.restart_child(id, ctx).await),
            SupervisorCall::Delete(id, from) => from.reply(self.delete_child(id)),
            SupervisorCall::Which(from) => {
                from.reply(self.children.iter().rev().map(|(_, child)| ChildInfo::of(child)).collect());
            }
            SupervisorCall::Count(from) => from.reply(Counts::of(&self.children, ctx.system())),
            SupervisorCall::Spec(id, from) => from.reply(match self.children.by_id(&id) {
                Some((_, child)) => Ok(child.spec.clone()),
                None => Err(ChildError::NotFound { child: id }),
            }),
        }
        Ok(Next::Receive)
    }

    async fn handle_info(&mut self, info: Info<Retry>, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        Carrier { children: &mut self.children, ctx }.handle(&mut self.rules, info).await
    }

    async fn terminate(&mut self, _: &ExitReason, ctx: &mut Context<Self>) -> Result<(), ExitReason> {
        self.stop_all(ctx).await;
        Ok(())
    }
}

impl SupervisorServer {
    async fn add_child(
        &mut self,
        spec: ChildSpec,
        ctx: &mut Context<Self>,
    ) -> Result<Option<AnyChild>, StartChildError> {
        check_childspec(&spec, self.rules.auto_shutdown)?;
        let id = spec.id().clone();
        if let Some((_, child)) = self.children.by_id(&id) {
            return Err(match child.state {
                ChildState::Running(pid) => StartChildError::AlreadyStarted { id, pid },
                _ => StartChildError::AlreadyPresent { id },
            });
        }
        let key = self.children.add(spec);
        self.start_child(key, ctx).await.map_err(|error| {
            self.children.remove(key);
            StartChildError::Failed { id, error }
        })
    }

    async fn terminate_child(&mut self, id: Label, ctx: &mut Context<Self>) -> Result<(), ChildError> {
        let Some((key, child)) = self.children.by_id(&id) else { return Err(ChildError::NotFound { child: id }) };
        let shutdown = child.spec.shutdown_limit();
        if let ChildState::Running(pid) = child.state {
            stop_child(ctx, pid, shutdown).await;
        }
        self.children.ended(key);
        Ok(())
    }

    async fn restart_child(&mut self, id: Label, ctx: &mut Context<Self>) -> Result<Option<AnyChild>, ChildError> {
        let key = self.stopped(&id)?;
        self.start_child(key, ctx).await.map_err(|error| ChildError::Failed { id, error })
    }

    fn delete_child(&mut self, id: Label) -> Result<(), ChildError> {
        let key = self.stopped(&id)?;
        self.children.remove(key);
        Ok(())
    }

    /// A child that must not be running.
    fn stopped(&self, id: &Label) -> Result<Key, ChildError> {
        let id = id.clone();
        match self.children.by_id(&id) {
            None => Err(ChildError::NotFound { child: id }),
            Some((_, child)) if matches!(child.state, ChildState::Running(_)) => Err(ChildError::Running { id }),
            Some((_, child)) if matches!(child.state, ChildState::Restarting(_)) => Err(ChildError::Restarting { id }),
            Some((key, _)) => Ok(key),
        }
    }

    /// Starts a child for the first time, or by hand.
    async fn start_child(&mut self, key: Key, ctx: &mut Context<Self>) -> Result<Option<AnyChild>, StartError> {
        Carrier { children: &mut self.children, ctx }.start(key).await
    }

    async fn stop_all(&mut self, ctx: &mut Context<Self>) {
        let running = self.children.iter().rev().filter_map(|(_, child)| child.to_stop());
        stop_in_turn(ctx, running).await;
    }
}

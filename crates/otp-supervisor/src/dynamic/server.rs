use otp_behaviour::{StartError, contain, report_crash};
use otp_core::{ExitReason, Label, Pid, ReplyTo};
use otp_genserver::{Context, GenServer, Info, Init, Next, NoMessage};

use super::builder::{DynamicSupervisor, Template};
use super::started_from::StartedFrom;
use crate::children::{ChildState, Children};
use crate::decide::Rules;
use crate::error::{ChildError, StartChildError, check_childspec, check_period};
use crate::flags::Strategy;
use crate::info::{ChildInfo, Counts};
use crate::restart::{Carrier, Retry};
use crate::spec::ChildSpec;
use crate::started::AnyChild;
use crate::stop::{stop_child, stop_together};

/// The process of a dynamic supervisor.
#[doc(hidden)]
pub struct DynamicServer<K: StartedFrom> {
    template: Template<K::Args>,
    /// Whether it is no error to stop a process that has ended: as in OTP, but not in Elixir.
    forgives_dead: bool,
    limit: Option<usize>,
    children: Children,
    rules: Rules,
}

#[doc(hidden)]
#[expect(unnameable_types, reason = "only the supervisor's reference makes one")]
pub enum DynamicCall<A> {
    Start(A, ReplyTo<Result<Option<AnyChild>, StartChildError>>),
    Terminate(Pid, ReplyTo<Result<(), ChildError>>),
    Which(ReplyTo<Vec<ChildInfo>>),
    Count(ReplyTo<Counts>),
    Spec(Pid, ReplyTo<Result<ChildSpec, ChildError>>),
}

impl<K: StartedFrom> GenServer for DynamicServer<K> {
    type Args = DynamicSupervisor<K>;
    type Call = DynamicCall<K::Args>;
    type Cast = NoMessage;
    type Info = Retry;
    type Continue = NoMessage;

    async fn init(args: DynamicSupervisor<K>, ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
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

    async fn handle_call(
        &mut self,
        call: DynamicCall<K::Args>,
        ctx: &mut Context<Self>,
    ) -> Result<Next<Self>, ExitReason> {
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

impl<K: StartedFrom> DynamicServer<K> {
    async fn add_child(&mut self, args: K::Args, ctx: &mut Context<Self>) -> Result<Option<AnyChild>, StartChildError> {
        if let Some(limit) = self.limit
            && self.children.len() >= limit
        {
            return Err(StartChildError::MaxChildren { limit });
        }
        let spec = contain(|| (self.template)(args)).map_err(|crash| {
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

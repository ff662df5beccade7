use std::any::Any;
use std::fmt;

use futures::FutureExt;
use futures::future::BoxFuture;
use otp_behaviour::{
    Ack, BehaviourContext, Mail, Mode, Parent, Signal, StartError, Systemic, contain, contain_future, report_crash,
    trace_state,
};
use otp_core::{Crash, Doing, ExitReason, Process, ProcessContext};

/// An element of an agent's mailbox: a closure that runs on its value. [`Agent`](super::Agent) makes and sends it.
pub struct AgentMessage<T>(Function<T>);

enum Function<T> {
    Now(Box<dyn FnOnce(&mut T) + Send>),
    Later(Box<dyn FnOnce(T) -> BoxFuture<'static, Result<T, ExitReason>> + Send>),
}

const RUNNING_CLOSURE: Doing = Doing::new(|| "in a closure");

impl<T: Send + 'static> AgentMessage<T> {
    pub(super) fn now(function: impl FnOnce(&mut T) + Send + 'static) -> AgentMessage<T> {
        AgentMessage(Function::Now(Box::new(function)))
    }

    pub(super) fn later<F, Fut>(function: F) -> AgentMessage<T>
    where
        F: FnOnce(T) -> Fut + Send + 'static,
        Fut: Future<Output = Result<T, ExitReason>> + Send + 'static,
    {
        AgentMessage(Function::Later(Box::new(|value| function(value).boxed())))
    }
}

impl<T> fmt::Debug for AgentMessage<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Function::Now(_) => "a closure",
            Function::Later(_) => "an async closure",
        })
    }
}

/// The code of an agent's process.
pub(super) async fn run<T, F, Fut>(
    ctx: ProcessContext<AgentMessage<T>>,
    parent: Parent,
    ack: Ack,
    make: F,
) -> ExitReason
where
    T: Send + 'static,
    F: FnOnce() -> Fut + Send,
    Fut: Future<Output = Result<T, ExitReason>> + Send,
{
    // A caller whose closure panics is to hear of the panic, and not that its token was dropped.
    ctx.hold_tokens();
    let value = match contain_future(make).await.unwrap_or_else(|crash| Err(ExitReason::Error(crash))) {
        Ok(value) => value,
        Err(reason) => return ack.failed(StartError::failed(reason.clone()), reason).await,
    };
    ack.started();
    Running { ctx, parent, mode: Mode::Running, value: Some(value) }.live().await
}

struct Running<T> {
    ctx: ProcessContext<AgentMessage<T>>,
    parent: Parent,
    mode: Mode,
    /// `None` while an async closure has it.
    value: Option<T>,
}

impl<T: Send + 'static> Running<T> {
    async fn live(mut self) -> ExitReason {
        let reason = self.until_it_stops().await;
        // The value's drop is user code, and the last of it.
        match contain(|| drop(self.value.take())) {
            Ok(()) => reason,
            Err(crash) => {
                if let ExitReason::Error(first) = &reason {
                    report_crash(&self.ctx, first);
                }
                ExitReason::Error(crash)
            }
        }
    }

    async fn until_it_stops(&mut self) -> ExitReason {
        loop {
            let (parent, mode) = (self.parent, self.mode);
            match self.ctx.receive_mail(|message| parent.admits(mode, &message)).await {
                Mail::Message(message) => {
                    self.ctx.begin_handling(RUNNING_CLOSURE, &message);
                    if let Err(reason) = self.apply(message.0).await {
                        return reason;
                    }
                }
                Mail::Signal(signal) => match *signal {
                    Signal::Exit(exit) if parent.sent(&exit) => return exit.reason,
                    Signal::Stop(stop) => return stop.reason,
                    Signal::System(request) => request.serve(self),
                    // An agent monitors nobody, and traps no exits.
                    _ => {}
                },
            }
            if self.ctx.settle_tokens() {
                trace_state(self);
            }
        }
    }

    async fn apply(&mut self, function: Function<T>) -> Result<(), ExitReason> {
        let crashed = |crash: Crash| ExitReason::Error(crash);
        match function {
            Function::Now(function) => {
                let value = self.value.as_mut().expect("no async closure has the value");
                contain(|| function(value)).map_err(crashed)
            }
            Function::Later(function) => {
                let value = self.value.take().expect("no other async closure has the value");
                self.value = Some(contain_future(|| function(value)).await.map_err(crashed)??);
                Ok(())
            }
        }
    }
}

impl<T: Send + 'static> Systemic for Running<T> {
    fn process(&self) -> &Process {
        &self.ctx
    }

    fn state(&mut self) -> Option<&mut dyn Any> {
        self.value.as_mut().map(|value| value as &mut dyn Any)
    }

    fn mode(&mut self) -> Option<&mut Mode> {
        Some(&mut self.mode)
    }
}

//! A process that does what it is told, as itself.

use futures::channel::oneshot;
use otp::prelude::*;
use otp::process::SpawnOptions;
use otp::registry::{Duplicate, Keys, Registry};

/// What a process is told to do.
type Act = Box<dyn FnOnce(&ProcessContext<Mail>) + Send>;

/// What the actors of these tests receive.
pub(super) enum Mail {
    Do(Act),
    Text(&'static str),
}

pub(super) type Names<V = u32> = Registry<&'static str, Mail, V>;
pub(super) type Topics<V = u32> = Registry<&'static str, Mail, V, Duplicate>;

/// A process that does what it is told.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Actor(pub(super) ProcessRef<Mail>);

impl Actor {
    pub(super) fn start(system: &System) -> Actor {
        Actor(system.spawn(live))
    }

    pub(super) fn trapping(system: &System) -> Actor {
        Actor(system.spawn_with(SpawnOptions::new().trap_exit(true), live).unwrap().process)
    }

    pub(super) fn pid(&self) -> Pid {
        self.0.pid()
    }

    /// What `act` returns, which runs in this process.
    pub(super) async fn act<R: Send + 'static>(
        &self,
        act: impl FnOnce(&ProcessContext<Mail>) -> R + Send + 'static,
    ) -> R {
        let (tell, told) = oneshot::channel();
        let act = Mail::Do(Box::new(move |ctx| drop(tell.send(act(ctx)))));
        self.0.try_send(act).unwrap_or_else(|error| panic!("{error}"));
        told.await.expect("it acts")
    }

    /// Registers it, which has to succeed.
    pub(super) async fn register<V: Send + Sync + 'static, T: Keys>(
        &self,
        registry: &Registry<&'static str, Mail, V, T>,
        key: &'static str,
        value: V,
    ) {
        let registry = registry.clone();
        self.act(move |ctx| registry.register(ctx, key, value).unwrap()).await;
    }

    pub(super) async fn kill(&self) {
        self.0.exit(ExitReason::Kill);
        assert_eq!(self.0.exited().await, ExitReason::Killed);
    }
}

async fn live(mut ctx: ProcessContext<Mail>) -> ExitReason {
    loop {
        match ctx.receive().await {
            Message::User(Mail::Do(act)) => act(&ctx),
            // Only who traps exits gets here: it says so with its own end.
            Message::Exit(exit) => return ExitReason::other((exit.from, exit.reason.to_string())),
            _ => {}
        }
    }
}

/// A registry that runs.
pub(super) async fn open<V: Send + Sync + 'static, T: Keys>(system: &System) -> Registry<&'static str, Mail, V, T> {
    let registry = Registry::new(system);
    registry.start(system).await.unwrap();
    registry
}

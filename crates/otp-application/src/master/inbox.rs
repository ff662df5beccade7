use std::future::pending;
use std::pin::pin;

use futures::channel::{mpsc, oneshot};
use futures::future::{Either, Fuse, FutureExt, select};
use futures::{StreamExt, select_biased};
use otp_core::{ExitReason, Message, MessageRef, Pid, Process, ProcessContext};

use crate::reload::Reload;

/// What an application's own process waits for, besides its callbacks.
pub(super) struct Inbox {
    ctx: ProcessContext<()>,
    stop: Fuse<oneshot::Receiver<()>>,
    reloads: mpsc::UnboundedReceiver<Reload>,
}

pub(super) enum Notice {
    /// The application is to stop.
    Stop,
    /// Its top supervisor has ended.
    Ended(ExitReason),
    Reload(Reload),
}

impl Inbox {
    pub(super) fn new(
        ctx: ProcessContext<()>,
        stop: oneshot::Receiver<()>,
        reloads: mpsc::UnboundedReceiver<Reload>,
    ) -> Inbox {
        Inbox { ctx, stop: stop.fuse(), reloads }
    }

    pub(super) fn process(&self) -> &Process {
        &self.ctx
    }

    /// Waits for anything.
    pub(super) async fn next(&mut self, top: Pid) -> Notice {
        let Inbox { ctx, stop, reloads } = self;
        let mut signal = pin!(signal(ctx, Some(top)).fuse());
        let mut reload = pin!(next_reload(reloads).fuse());
        select_biased! {
            () = asked(stop).fuse() => Notice::Stop,
            notice = signal => notice,
            reload = reload => Notice::Reload(reload),
        }
    }

    /// Runs code until its end, unless the application is to stop or, once there is one, its top supervisor ends.
    pub(super) async fn during<F: Future>(&mut self, top: Option<Pid>, code: F) -> Result<F::Output, Notice> {
        let Inbox { ctx, stop, .. } = self;
        let notice = pin!(async {
            match select(pin!(asked(stop)), pin!(signal(ctx, top))).await {
                Either::Left(((), _)) => Notice::Stop,
                Either::Right((notice, _)) => notice,
            }
        });
        match select(notice, pin!(code)).await {
            Either::Left((notice, _)) => Err(notice),
            Either::Right((output, _)) => Ok(output),
        }
    }

    /// Waits for the end of the top supervisor.
    pub(super) async fn end_of(&mut self, top: Pid) -> ExitReason {
        let is_it = |message: MessageRef<'_, ()>| matches!(message, MessageRef::Exit(exit) if exit.from == top);
        match self.ctx.receive_match(is_it).await {
            Message::Exit(exit) => exit.reason,
            _ => unreachable!("only its exit is received"),
        }
    }
}

async fn asked(stop: &mut Fuse<oneshot::Receiver<()>>) {
    if stop.await.is_err() {
        // Nobody can ask any more.
        pending::<()>().await;
    }
}

async fn next_reload(reloads: &mut mpsc::UnboundedReceiver<Reload>) -> Reload {
    match reloads.next().await {
        Some(reload) => reload,
        None => pending().await,
    }
}

/// Waits for the end of the top supervisor, or of the parent, as a shutdown of the system sends it. Signals of others mean
/// nothing; before there is a top supervisor, they are kept, for its own may be among them.
async fn signal(ctx: &mut ProcessContext<()>, top: Option<Pid>) -> Notice {
    let parent = ctx.parent();
    loop {
        let is_wanted = |message: MessageRef<'_, ()>| {
            top.is_some() || matches!(message, MessageRef::Exit(exit) if exit.from == parent)
        };
        match ctx.receive_match(is_wanted).await {
            Message::Exit(exit) if Some(exit.from) == top => return Notice::Ended(exit.reason),
            Message::Exit(exit) if exit.from == parent => return Notice::Stop,
            _ => {}
        }
    }
}

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use otp_behaviour::{Mode, Receive, Signal, goes_on, trace_state};
use otp_core::ExitReason;

use crate::mailbox::Admits;
use crate::outcome::Next;
use crate::run::{ServerLoop, Stopping};
use crate::server::GenServer;

/// The next callback of a server, with its argument.
pub(crate) enum Cue<S: GenServer> {
    Call(S::Call),
    Cast(S::Cast),
    Info(S::Info),
    Signal(Box<Signal>),
    Timeout,
    Continue(S::Continue),
}

/// The time of a server between two callbacks: waits for a message, or does what the last callback decided. Serves
/// system requests meanwhile.
///
/// This future is handwritten, because an idle server consists of one.
pub(crate) struct Turn<'a, S: GenServer> {
    server: &'a mut ServerLoop<S>,
    plan: Plan<S>,
}

enum Plan<S: GenServer> {
    /// Waits for mail; with a timeout, if the last callback set one.
    Waiting(Receive, Option<Duration>),
    /// Does not wait: the next step is decided.
    Decided(Result<Cue<S>, Stopping>),
    Over,
}

impl<'a, S: GenServer> Turn<'a, S> {
    #[inline]
    pub(crate) fn after(next: Next<S>, server: &'a mut ServerLoop<S>) -> Turn<'a, S> {
        let mut turn = Turn { server, plan: Plan::Over };
        if let Next::Receive | Next::Timeout(_) | Next::Hibernate = next {
            turn.server.come_to_rest();
            if turn.server.ctx.mailbox().settle_tokens() {
                trace_state(turn.server);
            }
        }
        match next {
            Next::Receive => turn.wait(None),
            Next::Timeout(wait) => turn.wait(Some(wait)),
            Next::Hibernate => turn.hibernate(),
            Next::Continue(arg) => {
                goes_on(&turn.server.ctx);
                turn.plan = Plan::Decided(Ok(Cue::Continue(arg)));
            }
            Next::Stop(reason) => turn.plan = Plan::Decided(Err(Stopping::because(reason))),
            Next::StopReply(reason, reply) => {
                turn.plan = Plan::Decided(Err(Stopping { reason, reply: Some(reply) }));
            }
        }
        turn
    }

    /// Waits for a message; with `wait`, only for that time. A suspended server waits without a limit.
    fn wait(&mut self, wait: Option<Duration>) {
        if self.server.gives_way(wait) {
            return self.give_way();
        }
        let limit = wait.or_else(|| self.server.hibernates_after());
        let limit = limit.filter(|_| self.server.mode == Mode::Running);
        self.plan = Plan::Waiting(limit.map_or_else(Receive::without_limit, Receive::within), wait);
    }

    /// The loop ends here; another one goes on.
    #[cold]
    fn give_way(&mut self) {
        self.plan = Plan::Decided(Err(Stopping::because(ExitReason::Normal)));
    }

    /// Waits for a message, and frees the memory that only a busy server needs.
    fn hibernate(&mut self) {
        if self.server.gives_way(None) {
            return self.give_way();
        }
        self.server.ctx.mailbox_mut().release_memory();
        self.plan = Plan::Waiting(Receive::without_limit(), None);
    }
}

impl<S: GenServer> Unpin for Turn<'_, S> {}

impl<S: GenServer> Future for Turn<'_, S> {
    type Output = Result<Cue<S>, Stopping>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        while let Plan::Waiting(receive, wait) = &mut this.plan {
            let (wait, admits) = (*wait, Admits { parent: this.server.parent, mode: this.server.mode });
            match ready!(this.server.ctx.mailbox_mut().poll(receive, admits, cx)) {
                Some(cue) => match this.server.accept(cue) {
                    Some(step) => return Poll::Ready(step),
                    // System requests do not disturb what the server waits for; its timeout starts again.
                    None => this.wait(wait),
                },
                None if wait.is_some() => return Poll::Ready(Ok(Cue::Timeout)),
                None => this.hibernate(),
            }
        }
        match std::mem::replace(&mut this.plan, Plan::Over) {
            Plan::Decided(decided) => Poll::Ready(decided),
            Plan::Waiting(..) | Plan::Over => Poll::Pending,
        }
    }
}

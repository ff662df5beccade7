use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use otp_core::{Mail, MessageRef, Receive, Signal};

use crate::outcome::Next;
use crate::run::{Server, Stopping};
use crate::server::GenServer;
use crate::server_ref::{Content, Envelope};
use crate::sys::Mode;

/// The next callback of a server, and its argument.
pub(crate) enum Step<S: GenServer> {
    Call(S::Call),
    Cast(S::Cast),
    Info(S::Info),
    Signal(Box<Signal>),
    Timeout,
    Continue(S::Continue),
}

/// A server between two callbacks, that waits for a message. System messages are handled on the way.
///
/// Written by hand, because an idle server is one of these.
pub(crate) struct Turn<'a, S: GenServer> {
    server: &'a mut Server<S>,
    receive: Receive,
    /// How long the last callback wants to wait.
    wait: Option<Duration>,
}

impl<'a, S: GenServer> Turn<'a, S> {
    /// Waits as the last callback decided; gives back what is next where that is known already.
    #[inline(always)]
    pub(crate) fn after(next: Next<S>, server: &'a mut Server<S>) -> Result<Turn<'a, S>, Result<Step<S>, Stopping>> {
        let (wait, hibernates) = match next {
            Next::Receive => (None, false),
            Next::Timeout(wait) => (Some(wait), false),
            Next::Hibernate => (None, true),
            Next::Continue(arg) => {
                server.ctx.inner().settle_dropped();
                return Err(Ok(Step::Continue(arg)));
            }
            Next::Stop(reason) => return Err(Err(Stopping::because(reason))),
            Next::StopReply(reason, reply) => return Err(Err(Stopping { reason, reply: Some(reply) })),
        };
        server.ctx.inner().settle_dropped();
        if server.mode == Mode::Running
            && let Some(mail) = server.ctx.inner().receive_ready()
            && let Some(outcome) = accept(mail, server)
        {
            return Err(outcome);
        }
        let mut turn = Turn { server, receive: Receive::without_limit(), wait };
        match hibernates {
            false => turn.limit(),
            true => turn.server.ctx.inner().release_memory(),
        }
        Ok(turn)
    }

    /// Limits the wait, from now on. A suspended server waits as long as it takes.
    fn limit(&mut self) {
        let limit = self.wait.or(self.server.hibernate_after.as_deref().copied());
        if let Some(limit) = limit.filter(|_| self.server.mode == Mode::Running) {
            self.receive = Receive::within(limit);
        }
    }

    /// What follows from the outcome of a receive; `None` if the server waits again.
    fn received(&mut self, mail: Option<Mail<Envelope<S>>>) -> Option<Result<Step<S>, Stopping>> {
        match mail {
            Some(mail) => {
                let outcome = accept(mail, self.server);
                if outcome.is_none() {
                    // System messages do not disturb what the server waits for; its timeout starts again.
                    self.receive = Receive::without_limit();
                    self.limit();
                }
                outcome
            }
            None if self.wait.is_some() => Some(Ok(Step::Timeout)),
            None => {
                self.server.ctx.inner().release_memory();
                self.receive = Receive::without_limit();
                None
            }
        }
    }
}

/// What the server does about a message or a signal; `None` if that was a system message, and the server goes on.
#[inline(always)]
fn accept<S: GenServer>(mail: Mail<Envelope<S>>, server: &mut Server<S>) -> Option<Result<Step<S>, Stopping>> {
    Some(Ok(match mail {
        Mail::Message(Envelope(Content::Call(call))) => Step::Call(call),
        Mail::Message(Envelope(Content::Cast(cast))) => Step::Cast(cast),
        Mail::Message(Envelope(Content::Info(info))) => Step::Info(info),
        Mail::Message(Envelope(Content::System(request))) => {
            return server.handle_system(*request).map(|reason| Err(Stopping::because(reason)));
        }
        Mail::Signal(signal) => match &*signal {
            Signal::Exit(exit) if Some(exit.from) == server.parent => {
                return Some(Err(Stopping::because(exit.reason.clone())));
            }
            _ => Step::Signal(signal),
        },
    }))
}

impl<S: GenServer> Unpin for Turn<'_, S> {}

impl<S: GenServer> Future for Turn<'_, S> {
    type Output = Result<Step<S>, Stopping>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            let (parent, suspended) = (this.server.parent, this.server.mode == Mode::Suspended);
            // While the server is suspended, others than system messages and the parent's exit wait.
            let wanted = |message: MessageRef<'_, Envelope<S>>| match message {
                _ if !suspended => true,
                MessageRef::User(envelope) => envelope.is_system(),
                MessageRef::Exit(exit) => Some(exit.from) == parent,
                _ => false,
            };
            let mail = ready!(this.receive.poll(this.server.ctx.inner(), wanted, cx));
            if let Some(outcome) = this.received(mail) {
                return Poll::Ready(outcome);
            }
        }
    }
}

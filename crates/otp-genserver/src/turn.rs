use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use otp_core::{ExitReason, Message, MessageRef, Receive};

use crate::outcome::{Info, Next, PendingReply};
use crate::run::Server;
use crate::server::GenServer;
use crate::server_ref::{Content, Envelope};
use crate::sys::Mode;

/// The next callback of a server, and its argument.
pub(crate) enum Step<S: GenServer> {
    Call(S::Call),
    Cast(S::Cast),
    Info(Info<S::Info>),
    Continue(S::Continue),
}

/// Why the server stops.
pub(crate) struct Stopping {
    pub(crate) reason: ExitReason,
    pub(crate) reply: Option<PendingReply>,
}

/// A server between two callbacks: it does what the last one decided, and mostly waits for a message. System messages
/// are handled on the way.
///
/// Written by hand, because an idle server is one of these.
pub(crate) struct Turn<'a, S: GenServer> {
    server: &'a mut Server<S>,
    stage: Stage<S>,
}

enum Stage<S: GenServer> {
    Decided(Next<S>),
    Receiving(Receive, Option<Duration>),
    Over,
}

impl<'a, S: GenServer> Turn<'a, S> {
    pub(crate) fn new(server: &'a mut Server<S>, next: Next<S>) -> Turn<'a, S> {
        Turn { server, stage: Stage::Decided(next) }
    }

    /// Waits for a message; with `wait`, for so long. A suspended server waits as long as it takes.
    fn receive(&mut self, wait: Option<Duration>) {
        let limit =
            wait.or(self.server.hibernate_after.as_deref().copied()).filter(|_| self.server.mode == Mode::Running);
        self.stage = Stage::Receiving(limit.map_or_else(Receive::without_limit, Receive::within), wait);
    }

    fn stop(reason: ExitReason) -> Result<Step<S>, Stopping> {
        Err(Stopping { reason, reply: None })
    }

    /// What follows from the outcome of a receive; `None` if the server waits again.
    fn received(&mut self, message: Option<Message<Envelope<S>>>, wait: Option<Duration>) -> Outcome<S> {
        let Some(message) = message else {
            if wait.is_some() {
                return Some(Ok(Step::Info(Info::Timeout)));
            }
            self.server.ctx.inner().release_memory();
            self.stage = Stage::Receiving(Receive::without_limit(), None);
            return None;
        };
        Some(match message {
            Message::User(Envelope(Content::Call(call))) => Ok(Step::Call(call)),
            Message::User(Envelope(Content::Cast(cast))) => Ok(Step::Cast(cast)),
            Message::User(Envelope(Content::Info(info))) => Ok(Step::Info(Info::Message(info))),
            Message::User(Envelope(Content::System(request))) => match self.server.handle_system(request) {
                Some(reason) => Self::stop(reason),
                None => {
                    // System messages do not disturb what the server waits for; its timeout starts again.
                    self.receive(wait);
                    return None;
                }
            },
            Message::Exit(exit) if Some(exit.from) == self.server.parent => Self::stop(exit.reason),
            Message::Exit(exit) => Ok(Step::Info(Info::Exit(exit))),
            Message::Down(down) => Ok(Step::Info(Info::Down(down))),
        })
    }
}

type Outcome<S> = Option<Result<Step<S>, Stopping>>;

impl<S: GenServer> Unpin for Turn<'_, S> {}

impl<S: GenServer> Future for Turn<'_, S> {
    type Output = Result<Step<S>, Stopping>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        loop {
            if let Stage::Receiving(receive, wait) = &mut this.stage {
                let (wait, parent) = (*wait, this.server.parent);
                let suspended = this.server.mode == Mode::Suspended;
                // While the server is suspended, others than system messages and the parent's exit wait.
                let wanted = |message: MessageRef<'_, Envelope<S>>| match message {
                    _ if !suspended => true,
                    MessageRef::User(envelope) => envelope.is_system(),
                    MessageRef::Exit(exit) => Some(exit.from) == parent,
                    _ => false,
                };
                let message = ready!(receive.poll(this.server.ctx.inner(), wanted, cx));
                match this.received(message, wait) {
                    Some(outcome) => return Poll::Ready(outcome),
                    None => continue,
                }
            }
            match std::mem::replace(&mut this.stage, Stage::Over) {
                Stage::Decided(Next::Continue(arg)) => return Poll::Ready(Ok(Step::Continue(arg))),
                Stage::Decided(Next::Stop(reason)) => return Poll::Ready(Self::stop(reason)),
                Stage::Decided(Next::StopReply(reason, reply)) => {
                    return Poll::Ready(Err(Stopping { reason, reply: Some(reply) }));
                }
                Stage::Decided(Next::Receive) => this.receive(None),
                Stage::Decided(Next::Timeout(wait)) => this.receive(Some(wait)),
                Stage::Decided(Next::Hibernate) => {
                    this.server.ctx.inner().release_memory();
                    this.stage = Stage::Receiving(Receive::without_limit(), None);
                }
                Stage::Receiving(..) | Stage::Over => return Poll::Pending,
            }
        }
    }
}

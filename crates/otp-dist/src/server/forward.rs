use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use futures::{FutureExt, future::Either, future::select};
use otp_core::{ExitReason, Message, Process, ProcessContext, ProcessRef, ReplyTo, System};
use otp_genserver::{Envelope, GenServer, Received};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::remote::{Remote, RemoteCallError};

/// A server whose messages can be sent to another node, so that a [`ServerRef`](otp_genserver::ServerRef) leads there:
/// [`Cluster::server`](crate::Cluster::server). `#[gen_server(remote)]` implements it.
pub trait Forward: GenServer {
    /// Sends a message to the server on its node.
    fn forward(message: Received<Self>, to: &Remote) -> Forwarded;
}

/// A message that is sent to another node, and its answer, if it is a call.
#[must_use = "nothing is sent before it is awaited"]
pub struct Forwarded(Kind);

enum Kind {
    /// Ends when the answer has come; with the reason and the token, if the server has ended.
    Call(BoxFuture<'static, Option<Ended>>),
    Other(BoxFuture<'static, ()>),
}

/// The server has ended, and this token is not answered.
struct Ended {
    reason: ExitReason,
    token: Box<dyn Any + Send>,
}

impl Forwarded {
    /// A call, whose answer goes to `from`.
    pub fn call<R: DeserializeOwned + Send + 'static>(
        to: &Remote,
        request: &(impl Serialize + ?Sized),
        from: ReplyTo<R>,
    ) -> Forwarded {
        // The caller has a timeout of its own.
        let call = to.call::<R>(request).at_once();
        Forwarded(Kind::Call(Box::pin(async move {
            match call.await {
                Ok(answer) => {
                    from.reply(answer);
                    None
                }
                Err(RemoteCallError::Exited { reason, .. }) => Some(Ended { reason, token: Box::new(from) }),
                Err(error) => {
                    tracing::warn!(target: "otp::dist", %error, "a call of another node fails");
                    None
                }
            }
        })))
    }

    /// A cast.
    pub fn cast(to: &Remote, cast: &(impl Serialize + ?Sized)) -> Forwarded {
        Forwarded::other(to, to.cast_bytes(cast))
    }

    /// Any other message.
    pub fn info(to: &Remote, message: &(impl Serialize + ?Sized)) -> Forwarded {
        Forwarded::other(to, to.bytes(message))
    }

    /// A message that has no meaning elsewhere: it is dropped.
    pub fn dropped() -> Forwarded {
        Forwarded(Kind::Other(Box::pin(async {})))
    }

    fn other(to: &Remote, encoded: Result<Vec<u8>, crate::RemoteSendError>) -> Forwarded {
        let to = to.clone();
        Forwarded(Kind::Other(Box::pin(async move {
            let sent = match encoded {
                Ok(payload) => to.post(payload).await,
                Err(error) => Err(error),
            };
            if let Err(error) = sent {
                tracing::warn!(target: "otp::dist", %error, "a message is dropped");
            }
        })))
    }
}

impl fmt::Debug for Forwarded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Forwarded")
    }
}

/// Starts a process that stands for a server elsewhere: it passes on what it is sent. It ends as the server does, as far as
/// its calls tell.
pub(crate) fn stand_for<S: Forward>(system: &System, to: Remote) -> ProcessRef<Envelope<S>> {
    system.spawn(async move |mut ctx: ProcessContext<Envelope<S>>| {
        let mut calls: FuturesUnordered<BoxFuture<'static, Option<Ended>>> = FuturesUnordered::new();
        loop {
            let received = {
                let answered = pin!(poll_fn(|cx| match calls.poll_next_unpin(cx) {
                    Poll::Ready(Some(ended)) => Poll::Ready(ended),
                    Poll::Ready(None) | Poll::Pending => Poll::Pending,
                }));
                // Answers first: they are ready, and make room.
                match select(answered, pin!(ctx.receive())).await {
                    Either::Left((ended, _)) => Err(ended),
                    Either::Right((received, _)) => Ok(received),
                }
            };
            let received = match received {
                Ok(received) => received,
                Err(None) => continue,
                Err(Some(ended)) => return end(&ctx, ended),
            };
            let Message::User(envelope) = received else { continue };
            match S::forward(envelope.open(), &to).0 {
                Kind::Other(sent) => sent.await,
                Kind::Call(mut call) => {
                    to.room().await;
                    // It is sent now, before what comes later.
                    let sent = poll_fn(|cx| Poll::Ready(call.poll_unpin(cx))).await;
                    match sent {
                        Poll::Pending => calls.push(call),
                        Poll::Ready(None) => {}
                        Poll::Ready(Some(ended)) => return end(&ctx, ended),
                    }
                }
            }
        }
    })
}

/// The callers of an ended server are told its reason: their tokens last as long as the process.
fn end(process: &Process, ended: Ended) -> ExitReason {
    process.keep(Tokens { _token: ended.token });
    ended.reason
}

/// Keeps a token until its process has ended.
struct Tokens {
    _token: Box<dyn Any + Send>,
}

impl otp_core::Belonging for Tokens {
    fn owner_ended(self: Box<Self>, _: &otp_core::End<'_>) {}
}

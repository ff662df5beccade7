use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::FutureExt;
use futures::future::ready as answered;
use futures::stream::{FuturesUnordered, StreamExt};

use super::error::CallError;
use crate::switch::{Switch, let_others_first};
use crate::system::System;

type Answer<R> = Result<R, CallError>;

/// Waits for the answer to a request that has already been sent: OTP's `gen_server:send_request/2`.
///
/// Awaiting it waits without a timeout. Dropping it gives up the request; the answer will be dropped.
#[must_use = "dropping it gives the request up"]
pub struct Request<R> {
    /// `None` if the answer is there.
    system: Option<System>,
    answer: Pin<Box<dyn Future<Output = Answer<R>> + Send>>,
    switch: Switch,
}

impl<R: Send + 'static> Request<R> {
    pub(super) fn new(system: System, answer: impl Future<Output = Answer<R>> + Send + 'static) -> Request<R> {
        Request { switch: Switch::of(&system), system: Some(system), answer: Box::pin(answer) }
    }

    pub(super) fn answered(answer: Answer<R>) -> Request<R> {
        Request { system: None, answer: Box::pin(answered(answer)), switch: Switch::NONE }
    }

    /// Waits for the answer; gives up the request if none comes within `timeout`, and returns `None`.
    ///
    /// OTP's `gen_server:receive_response/2`.
    pub async fn receive(mut self, timeout: Duration) -> Option<Answer<R>> {
        self.wait(timeout).await
    }

    /// Waits for the answer, at most for `timeout`. After `None` it may be called again; after an answer it may not.
    ///
    /// OTP's `gen_server:wait_response/2`.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the request is still there.
    pub async fn wait(&mut self, timeout: Duration) -> Option<Answer<R>> {
        let system = match &self.system {
            Some(system) => system,
            None => return self.check(),
        };
        let_others_first(system).await;
        system.limited(timeout, &mut self.answer).await.ok()
    }

    /// Returns the answer, if it is there. OTP's `gen_server:check_response/2`.
    pub fn check(&mut self) -> Option<Answer<R>> {
        (&mut self.answer).now_or_never()
    }
}

impl<R> Future for Request<R> {
    type Output = Answer<R>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer<R>> {
        ready!(self.switch.poll(cx));
        self.answer.as_mut().poll(cx)
    }
}

impl<R> fmt::Debug for Request<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Request")
    }
}

/// Collects pending requests, each with a label: OTP's request id collections.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::call::Requests;
/// use otp::{Call, Message, ProcessContext, ReplyTo};
/// use std::time::Duration;
///
/// let echo = system.spawn(async |mut ctx: ProcessContext<(i64, ReplyTo<i64>)>| loop {
///     if let Message::User((n, from)) = ctx.receive().await {
///         from.reply(n);
///     }
/// });
/// let mut requests = Requests::new(&system);
/// for n in 0..3 {
///     requests.add(n, Call::new(&echo, |from| (n * 10, from)).send_request());
/// }
/// let mut sum = 0;
/// while let Ok((_, answer)) = requests.receive(Duration::from_secs(5)).await {
///     sum += answer.unwrap();
/// }
/// assert_eq!(sum, 30);
/// # }).unwrap();
/// ```
pub struct Requests<L, R> {
    system: System,
    waiting: FuturesUnordered<Labelled<L, R>>,
}

impl<L: Send + 'static, R: Send + 'static> Requests<L, R> {
    /// Makes an empty collection.
    pub fn new(system: &System) -> Requests<L, R> {
        Requests { system: system.clone(), waiting: FuturesUnordered::new() }
    }

    /// Adds a request under a label, which need not be unique.
    pub fn add(&mut self, label: L, request: Request<R>) {
        self.waiting.push(Labelled { label: Some(label), request });
    }

    /// The number of pending requests.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Returns true if no request is pending.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Waits for the next answer to any of the requests, at most for `timeout`.
    ///
    /// # Errors
    ///
    /// [`NoResponse::Timeout`]: the requests are still pending. [`NoResponse::NoRequest`]: no request is pending.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no answer is lost.
    pub async fn receive(&mut self, timeout: Duration) -> Result<(L, Answer<R>), NoResponse> {
        let_others_first(&self.system).await;
        match self.system.limited(timeout, self.waiting.next()).await {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(NoResponse::NoRequest),
            Err(_) => Err(NoResponse::Timeout),
        }
    }
}

impl<L, R> fmt::Debug for Requests<L, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Requests({})", self.waiting.len())
    }
}

/// The error when a collection of requests has no answer to return.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NoResponse {
    /// No request is pending.
    #[error("there is no request to wait for")]
    NoRequest,
    /// No request was answered within the timeout.
    #[error("no request was answered in time")]
    Timeout,
}

struct Labelled<L, R> {
    label: Option<L>,
    request: Request<R>,
}

impl<L, R> Unpin for Labelled<L, R> {}

impl<L, R> Future for Labelled<L, R> {
    type Output = (L, Answer<R>);

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = ready!(self.request.answer.as_mut().poll(cx));
        let label = self.label.take().expect("a finished request is not polled again");
        Poll::Ready((label, answer))
    }
}

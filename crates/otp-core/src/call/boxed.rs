use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use futures::future::BoxFuture;

use super::callee::Callee;
use super::error::CallError;
use super::future::{Call, DEFAULT_TIMEOUT};
use super::request::Request;
use crate::label::Label;
use crate::process::{Doing, TimeLimit};
use crate::system::System;

/// A call with a known reply type and an unknown callee: the return type of the methods of a protocol.
///
/// A protocol is a trait of yours that declares calls and casts without naming a server. Servers can implement it, and so
/// can mocks, proxies, and types that are not processes. `#[gen_server]` implements it for a server whose methods are
/// marked with it, as in `#[call(Storage)]`.
///
/// A `BoxCall` has the options of a [`Call`]; by default it times out after five seconds. It needs one more allocation.
///
/// # Errors
///
/// See [`CallError`].
///
/// # Cancel safety
///
/// Dropping the future gives up the call, as for [`Call`]. A future that answers the call is dropped with it.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use otp::call::BoxCall;
/// use otp::{Address, Call, CallError, Message, ProcessContext, ReplyTo, System};
///
/// trait Dictionary: Send + Sync {
///     fn translate(&self, word: String) -> BoxCall<String>;
/// }
///
/// // A process.
/// struct Translate(String, ReplyTo<String>);
///
/// impl Dictionary for Address<Translate> {
///     fn translate(&self, word: String) -> BoxCall<String> {
///         Call::new(self, |from| Translate(word, from)).into()
///     }
/// }
///
/// // A mock that is not a process.
/// struct Always(&'static str);
///
/// impl Dictionary for Always {
///     fn translate(&self, _: String) -> BoxCall<String> {
///         BoxCall::ready(Ok(self.0.to_owned()))
///     }
/// }
///
/// // A proxy that calls others.
/// struct Both(System, Arc<dyn Dictionary>, Arc<dyn Dictionary>);
///
/// impl Dictionary for Both {
///     fn translate(&self, word: String) -> BoxCall<String> {
///         let (first, second) = (self.1.translate(word.clone()), self.2.translate(word));
///         BoxCall::new(&self.0, "both dictionaries", async move { Ok(first.await? + ", " + &second.await?) })
///     }
/// }
///
/// let german = system.spawn(async |mut ctx: ProcessContext<Translate>| {
///     while let Message::User(Translate(word, from)) = ctx.receive().await {
///         from.reply(format!("{word} auf Deutsch"));
///     }
/// });
/// let process: Arc<dyn Dictionary> = Arc::new(Address::from(&german));
/// let mock: Arc<dyn Dictionary> = Arc::new(Always("oui"));
/// let proxy = Both(system.clone(), process.clone(), mock.clone());
///
/// assert_eq!(process.translate("yes".to_owned()).await.unwrap(), "yes auf Deutsch");
/// assert_eq!(mock.translate("yes".to_owned()).await.unwrap(), "oui");
/// let both = proxy.translate("yes".to_owned()).timeout(Duration::from_secs(60));
/// assert_eq!(both.await.unwrap(), "yes auf Deutsch, oui");
/// # }).unwrap();
/// ```
#[must_use = "a call is sent when it is awaited"]
pub struct BoxCall<R>(Box<dyn AnyCall<R>>);

/// A call of any kind.
trait AnyCall<R>: Send {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, CallError>>;

    fn set_limit(&mut self, limit: TimeLimit);

    fn set_watched(&mut self, on: bool);

    fn set_inline(&mut self, on: bool);

    fn send_request(self: Box<Self>) -> Request<R>;
}

impl<R: Send + 'static> BoxCall<R> {
    /// Makes a call that `answer` answers: for implementors that are not processes, such as proxies. The future is polled
    /// when the call is, within the time limit of the call. `callee` is the name of the callee in the text of a timeout.
    pub fn new(
        system: &System,
        callee: impl Into<Label>,
        answer: impl Future<Output = Result<R, CallError>> + Send + 'static,
    ) -> BoxCall<R> {
        let (system, callee, limit) = (system.clone(), callee.into(), TimeLimit::new(DEFAULT_TIMEOUT));
        BoxCall(Box::new(Answering { system, callee, answer: Box::pin(answer), limit }))
    }

    /// Makes a call that returns `answer` at once: for mocks.
    pub fn ready(answer: Result<R, CallError>) -> BoxCall<R> {
        BoxCall(Box::new(Ready(Some(answer))))
    }

    /// Sets the time limit of the call; see [`Call::timeout`].
    pub fn timeout(mut self, limit: Duration) -> BoxCall<R> {
        self.0.set_limit(TimeLimit::new(limit));
        self
    }

    /// Removes the time limit of the call; see [`Call::no_timeout`].
    pub fn no_timeout(mut self) -> BoxCall<R> {
        self.0.set_limit(TimeLimit::NEVER);
        self
    }

    /// Sets whether the callee may run on this thread; see [`Call::inline`]. It has no effect if the callee is not a
    /// process.
    pub fn inline(mut self, on: bool) -> BoxCall<R> {
        self.0.set_inline(on);
        self
    }

    /// Sets whether a deadlock of processes that wait for each other ends the call; see [`Call::detect_deadlock`]. A
    /// callee that is not a process is not watched in any case.
    pub fn detect_deadlock(mut self, on: bool) -> BoxCall<R> {
        self.0.set_watched(on);
        self
    }

    /// Sends the request now, and returns at once; see [`Call::send_request`]. If the callee is not a process, its future
    /// is polled when the [`Request`] is awaited.
    pub fn send_request(self) -> Request<R> {
        self.0.send_request()
    }
}

impl<R> Future for BoxCall<R> {
    type Output = Result<R, CallError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        self.0.poll(cx)
    }
}

impl<M: Send + 'static, R: Send + 'static> From<Call<M, R>> for BoxCall<R> {
    fn from(call: Call<M, R>) -> BoxCall<R> {
        BoxCall(Box::new(call))
    }
}

impl<R> fmt::Debug for BoxCall<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BoxCall")
    }
}

impl<M: Send + 'static, R: Send + 'static> AnyCall<R> for Call<M, R> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, CallError>> {
        Pin::new(self).poll(cx)
    }

    fn set_limit(&mut self, limit: TimeLimit) {
        self.limit.set(limit);
    }

    fn set_watched(&mut self, on: bool) {
        self.limit.set_watched(on);
    }

    fn set_inline(&mut self, on: bool) {
        Call::set_inline(self, on);
    }

    fn send_request(self: Box<Self>) -> Request<R> {
        Call::send_request(*self)
    }
}

/// A call that a future answers.
struct Answering<R> {
    system: System,
    callee: Label,
    answer: BoxFuture<'static, Result<R, CallError>>,
    limit: TimeLimit,
}

impl<R: Send + 'static> AnyCall<R> for Answering<R> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, CallError>> {
        if let Poll::Ready(answer) = self.answer.as_mut().poll(cx) {
            return Poll::Ready(answer);
        }
        ready!(self.limit.poll(self.system.runtime(), cx));
        Poll::Ready(Err(CallError::Timeout {
            callee: Callee::new(Some(self.callee.clone()), None),
            after: self.limit.limit(),
            queued: 0,
            doing: Label::from_static(Doing::RUNNING.as_str()),
            begun: true,
        }))
    }

    fn set_limit(&mut self, limit: TimeLimit) {
        self.limit = limit;
    }

    fn set_watched(&mut self, _: bool) {}

    fn set_inline(&mut self, _: bool) {}

    fn send_request(self: Box<Self>) -> Request<R> {
        Request::new(self.system, self.answer)
    }
}

/// A call that was answered when it was made.
struct Ready<R>(Option<Result<R, CallError>>);

impl<R: Send + 'static> AnyCall<R> for Ready<R> {
    fn poll(&mut self, _: &mut Context<'_>) -> Poll<Result<R, CallError>> {
        Poll::Ready(self.0.take().expect("a finished call is not polled again"))
    }

    fn set_limit(&mut self, _: TimeLimit) {}

    fn set_watched(&mut self, _: bool) {}

    fn set_inline(&mut self, _: bool) {}

    fn send_request(self: Box<Self>) -> Request<R> {
        Request::answered(self.0.expect("a call that is sent has not been awaited"))
    }
}

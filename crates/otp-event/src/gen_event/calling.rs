use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use otp_core::{Call, CallError};
use otp_genserver::Envelope;

use super::error::CallHandlerError;
use super::manager::GenEvent;
use super::name::HandlerId;
use super::request::CallFailure;

/// Calls one handler of a manager when it is awaited; made by [`GenEventRef::call`](super::GenEventRef::call).
///
/// # Errors
///
/// See [`CallHandlerError`].
///
/// # Cancel safety
///
/// As for [`Call`].
#[must_use = "a call is sent when it is awaited"]
pub struct CallHandler<E: Send + Sync + 'static, R: Send + 'static> {
    pub(super) call: Call<Envelope<GenEvent<E>>, R>,
    pub(super) failure: Arc<OnceLock<CallFailure>>,
    pub(super) handler: HandlerId,
}

impl<E: Send + Sync + 'static, R: Send + 'static> CallHandler<E, R> {
    /// Sets the timeout; see [`Call::timeout`].
    pub fn timeout(self, limit: Duration) -> CallHandler<E, R> {
        CallHandler { call: self.call.timeout(limit), ..self }
    }

    /// Waits without a time limit; see [`Call::no_timeout`].
    pub fn no_timeout(self) -> CallHandler<E, R> {
        CallHandler { call: self.call.no_timeout(), ..self }
    }
}

impl<E: Send + Sync + 'static, R: Send + 'static> Future for CallHandler<E, R> {
    type Output = Result<R, CallHandlerError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let answer = ready!(Pin::new(&mut this.call).poll(cx));
        Poll::Ready(answer.map_err(|error| match (error, this.failure.get()) {
            (CallError::NoReply(manager), Some(CallFailure::NotFound)) => {
                CallHandlerError::NotFound { manager, handler: this.handler.clone() }
            }
            (CallError::NoReply(_), Some(CallFailure::Failed(reason))) => {
                CallHandlerError::Crashed { handler: this.handler.clone(), reason: reason.clone() }
            }
            (error, _) => CallHandlerError::Call(error),
        }))
    }
}

impl<E: Send + Sync + 'static, R: Send + 'static> fmt::Debug for CallHandler<E, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallHandler({}, {:?})", self.handler, self.call)
    }
}

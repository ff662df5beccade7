use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use otp_behaviour::send_stop;
use otp_core::{Address, Callee, ExitReason, Process, WrongType};

use crate::server::GenServer;
use crate::server_ref::Envelope;

/// A server that is about to be told to stop; OTP's `gen_server:stop/3`. Awaiting it tells it and waits for its end.
///
/// The request takes its turn among the server's messages, also if the server is suspended; `terminate` runs. A
/// bounded mailbox never refuses it. To end a server past its backlog, send it an exit signal.
///
/// # Errors
///
/// See [`StopError`]. After a timeout the server still stops, later.
#[must_use = "a server is told to stop when this is awaited"]
pub struct Stop<S: GenServer> {
    address: Address<Envelope<S>>,
    reason: ExitReason,
    timeout: Option<Duration>,
}

impl<S: GenServer> Stop<S> {
    pub(crate) fn new(address: Address<Envelope<S>>) -> Stop<S> {
        Stop { address, reason: ExitReason::Normal, timeout: None }
    }

    /// The reason with which the server ends; by default `Normal`.
    pub fn reason(mut self, reason: ExitReason) -> Stop<S> {
        self.reason = reason;
        self
    }

    /// How long to wait; by default without limit.
    pub fn timeout(mut self, limit: Duration) -> Stop<S> {
        self.timeout = Some(limit);
        self
    }

    async fn run(self) -> Result<(), StopError> {
        let Stop { address, reason, timeout } = self;
        let Some(pid) = address.pid()? else { return Err(StopError::NoProc(Callee::new(address.label(), None))) };
        let (system, callee) = (address.system(), Callee::new(address.label(), Some(pid)));
        if Process::current().is_some_and(|own| own.system() == system && own.pid() == pid) {
            return Err(StopError::CallingSelf(callee));
        }
        let exited = system.exited(pid);
        if !send_stop(system, pid, reason.clone()) {
            return Err(StopError::NoProc(callee));
        }
        let ended = match timeout {
            Some(limit) => {
                system.timeout(limit, exited).await.map_err(|_| StopError::Timeout { callee: callee.clone(), limit })?
            }
            None => exited.await,
        };
        if ended == reason { Ok(()) } else { Err(StopError::Exited { callee, reason: ended }) }
    }
}

impl<S: GenServer> IntoFuture for Stop<S> {
    type Output = Result<(), StopError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<S: GenServer> fmt::Debug for Stop<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stop({:?}, {})", self.address, self.reason)
    }
}

/// Why a server did not stop as it was asked to.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StopError {
    /// There is no such server.
    #[error("cannot stop {0}: no such process")]
    NoProc(Callee),
    /// The holder of the name is no server of this type.
    #[error("cannot stop it: {0}")]
    WrongType(#[from] WrongType),
    /// It ended with another reason.
    #[error("{callee} ended with another reason than it was asked to: {reason}")]
    Exited {
        /// The server.
        callee: Callee,
        /// Why it ended.
        reason: ExitReason,
    },
    /// It has not ended in time. It will still stop.
    #[error("{callee} has not stopped within {limit:?}")]
    Timeout {
        /// The server.
        callee: Callee,
        /// The time limit.
        limit: Duration,
    },
    /// A server cannot wait for its own end; return [`Next::Stop`](crate::Next::Stop).
    #[error("{0} cannot stop itself with stop")]
    CallingSelf(Callee),
}

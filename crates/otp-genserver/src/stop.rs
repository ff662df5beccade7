use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use otp_core::behaviour::send_stop;
use otp_core::{Address, ExitReason, Process};

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
        let Some(process) = address.resolve() else { return Err(StopError::NoProc) };
        if Process::current().is_some_and(|own| own.system() == process.system() && own.pid() == process.pid()) {
            return Err(StopError::CallingSelf);
        }
        let exited = process.exited();
        let asked = reason.clone();
        let ended = async {
            if !send_stop(process.system(), process.pid(), asked) {
                return Err(StopError::NoProc);
            }
            Ok(exited.await)
        };
        let ended = match timeout {
            Some(limit) => address.system().timeout(limit, ended).await.map_err(|_| StopError::Timeout { limit })??,
            None => ended.await?,
        };
        if ended == reason { Ok(()) } else { Err(StopError::Exited(ended)) }
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
    #[error("cannot stop the server: no such process")]
    NoProc,
    /// It ended with another reason.
    #[error("the server ended with another reason than it was asked to: {0}")]
    Exited(ExitReason),
    /// It has not ended in time. It will still stop.
    #[error("the server has not stopped within {limit:?}")]
    Timeout {
        /// The time limit.
        limit: Duration,
    },
    /// A server cannot wait for its own end; return [`Next::Stop`](crate::Next::Stop).
    #[error("a server cannot stop itself with stop")]
    CallingSelf,
}

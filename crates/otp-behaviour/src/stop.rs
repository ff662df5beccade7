use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use otp_core::behaviour::{let_others_first, stop_at_once, take_turn};
use otp_core::{Address, Callee, ExitReason, Pid, Process, System, Target, WrongType};

/// Asks a process to stop when it is awaited, and waits for its end (graceful shutdown); OTP's `gen_server:stop/3`.
///
/// The request is handled in order with the messages of the process, even if the process is a suspended server;
/// `terminate` runs. A bounded mailbox never refuses it. A process that is not a server ends at the receive that
/// reaches the request. To end a process without waiting for its backlog, send it an exit signal.
///
/// # Errors
///
/// See [`StopError`]. After a timeout the process still stops, later.
#[must_use = "a process is told to stop when this is awaited"]
pub struct Stop {
    whom: Box<dyn Whom>,
    reason: ExitReason,
    timeout: Option<Duration>,
}

impl Stop {
    /// Makes a request to the process that the address leads to when this is awaited.
    pub fn of<M: Send + 'static>(address: &Address<M>) -> Stop {
        Stop::new(address.clone())
    }

    pub(crate) fn at(system: &System, target: Target) -> Stop {
        Stop::new(At { system: system.clone(), target, found: None })
    }

    fn new(whom: impl Whom + 'static) -> Stop {
        Stop { whom: Box::new(whom), reason: ExitReason::Normal, timeout: None }
    }

    /// Sets the exit reason of the process; by default `Normal`.
    pub fn reason(mut self, reason: ExitReason) -> Stop {
        self.reason = reason;
        self
    }

    /// Sets a timeout; by default there is none.
    pub fn timeout(mut self, limit: Duration) -> Stop {
        self.timeout = Some(limit);
        self
    }

    async fn run(self) -> Result<(), StopError> {
        let Stop { mut whom, reason, timeout } = self;
        let_others_first(whom.system()).await;
        take_turn(whom.system()).await;
        let found = whom.find()?;
        let system = whom.system();
        // For errors only: to find out what the process is called takes longer than to stop it.
        let callee = || whom.callee(found);
        let Some(pid) = found else { return Err(StopError::NoProc(callee())) };
        if Process::current().is_some_and(|own| own.system() == system && own.pid() == pid) {
            return Err(StopError::CallingSelf(callee()));
        }
        let deadline = timeout.map(|limit| system.now() + limit);
        let Some(mut exited) = stop_at_once(system, pid, reason.clone()) else {
            return Err(StopError::NoProc(callee()));
        };
        let ended = match timeout {
            // It may have run here for longer.
            Some(limit) if deadline.is_some_and(|deadline| system.now() >= deadline) => {
                return Err(StopError::Timeout { callee: callee(), limit });
            }
            Some(limit) => exited.within(limit).await.map_err(|_| StopError::Timeout { callee: callee(), limit })?,
            None => exited.await,
        };
        if ended == reason { Ok(()) } else { Err(StopError::Exited { callee: callee(), reason: ended }) }
    }
}

impl IntoFuture for Stop {
    type Output = Result<(), StopError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stop({:?}, {})", self.whom, self.reason)
    }
}

/// The error of stopping a process.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StopError {
    /// There is no such process.
    #[error("cannot stop {0}: no such process")]
    NoProc(Callee),
    /// The holder of the name is not a server of this type.
    #[error("cannot stop {}: it receives {}, not {}", .0.who(), .0.receives, .0.expected)]
    WrongType(#[from] WrongType),
    /// The process ended with another reason.
    #[error("{callee} ended with another reason than it was asked to: {reason}")]
    Exited {
        /// The process.
        callee: Callee,
        /// The exit reason.
        reason: ExitReason,
    },
    /// The process has not ended within the timeout. It will still stop.
    #[error("{callee} has not stopped within {limit:?}")]
    Timeout {
        /// The process.
        callee: Callee,
        /// The time limit.
        limit: Duration,
    },
    /// A process cannot wait for its own end. A callback of a server returns `Stop` instead.
    #[error("{0} cannot stop itself with stop")]
    CallingSelf(Callee),
}

/// The process to stop; resolved when the request is awaited.
trait Whom: fmt::Debug + Send + Sync {
    fn system(&self) -> &System;

    /// Its pid, if there is such a process.
    fn find(&mut self) -> Result<Option<Pid>, WrongType>;

    /// What is said of it, which was `found`, in an error.
    fn callee(&self, found: Option<Pid>) -> Callee;
}

impl<M: Send + 'static> Whom for Address<M> {
    fn system(&self) -> &System {
        Address::system(self)
    }

    fn find(&mut self) -> Result<Option<Pid>, WrongType> {
        self.pid()
    }

    fn callee(&self, found: Option<Pid>) -> Callee {
        Callee::new(self.label(), found)
    }
}

#[derive(Debug)]
struct At {
    system: System,
    target: Target,
    /// Looked for before it is stopped: by its pid, the label is not found later.
    found: Option<Callee>,
}

impl Whom for At {
    fn system(&self) -> &System {
        &self.system
    }

    fn find(&mut self) -> Result<Option<Pid>, WrongType> {
        Ok(self.found.insert(Callee::of(&self.system, self.target.clone())).pid)
    }

    fn callee(&self, found: Option<Pid>) -> Callee {
        self.found.clone().unwrap_or_else(|| Callee::new(None, found))
    }
}

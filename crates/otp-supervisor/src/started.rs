use std::any::Any;
use std::fmt;

use otp_behaviour::StartError;
use otp_behaviour::{contain, report_crash};
use otp_core::{ExitReason, Pid, Process, ProcessRef};
use otp_genserver::{GenServer, ServerRef};

/// What a child's start function returns: something that has a pid.
///
/// [`start_child`](crate::SupervisorRef::start_child) hands it on to whoever asked for the child, so that a type of
/// one's own can carry more than the reference.
pub trait Started: Send + 'static {
    /// The pid of the process that was started; `None` counts as a failed start.
    fn pid(&self) -> Option<Pid>;
}

impl Started for Pid {
    fn pid(&self) -> Option<Pid> {
        Some(*self)
    }
}

impl<M: Send + 'static> Started for ProcessRef<M> {
    fn pid(&self) -> Option<Pid> {
        Some(ProcessRef::pid(self))
    }
}

impl<S: GenServer> Started for ServerRef<S> {
    fn pid(&self) -> Option<Pid> {
        ServerRef::pid(self)
    }
}

/// A child that was started, with what its start function returned, of whichever type.
#[must_use]
pub struct AnyChild {
    pid: Pid,
    /// `None` once taken.
    value: Option<Box<dyn Any + Send>>,
}

impl AnyChild {
    pub(crate) fn of(started: impl Started) -> Result<AnyChild, StartError> {
        let pid = started.pid().ok_or(StartError::Failed(ExitReason::NoProc))?;
        Ok(AnyChild { pid, value: Some(Box::new(started)) })
    }

    /// The child's pid.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// What the start function returned, if that is a `T`; otherwise the child comes back.
    ///
    /// # Errors
    ///
    /// The child, if it is of another type.
    pub fn downcast<T: Started>(mut self) -> Result<T, AnyChild> {
        match self.value.take().map(<Box<dyn Any + Send>>::downcast) {
            Some(Ok(value)) => Ok(*value),
            Some(Err(other)) => Err(AnyChild { value: Some(other), ..self }),
            None => Err(self),
        }
    }

    /// What a spec of type `T` promises: what its start function returned or, if it is untyped, the pid.
    pub(crate) fn promised<T: Started>(self) -> T {
        self.downcast().unwrap_or_else(|child| {
            let pid: Box<dyn Any> = Box::new(child.pid);
            *pid.downcast().expect("a spec has the type that its start function returns, or that of a pid")
        })
    }
}

/// Mostly in the supervisor, which must not end because a value of somebody else's cannot be dropped.
impl Drop for AnyChild {
    fn drop(&mut self) {
        let value = self.value.take();
        if let Err(crash) = contain(|| drop(value))
            && let Some(process) = Process::current()
        {
            report_crash(&process, &crash);
        }
    }
}

/// Two are equal if they are the same process.
impl PartialEq for AnyChild {
    fn eq(&self, other: &AnyChild) -> bool {
        self.pid == other.pid
    }
}

impl Eq for AnyChild {}

impl fmt::Debug for AnyChild {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AnyChild({})", self.pid)
    }
}

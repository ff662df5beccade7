use std::any::Any;
use std::fmt;

use otp_behaviour::StartError;
use otp_behaviour::{contain, report_crash};
use otp_core::{Address, ExitReason, Pid, Process, ProcessRef};
use otp_genserver::{Envelope, GenServer, ServerRef};

/// The return value of a child's start function: a value with a pid.
///
/// [`start_child`](crate::SupervisorRef::start_child) returns the value to its caller, so your own type can contain
/// more than the reference.
pub trait Started: Send + 'static {
    /// Returns the pid of the started process; `None` counts as a failed start.
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

/// A started child that receives messages, so that a [`Route`](otp_core::Route) can lead to it, and to its successor after
/// a restart: what a partition supervisor's children are.
pub trait Reachable: Started {
    /// The type of its messages.
    type Message: Send + 'static;
    /// The reference through which it is used, whatever its route.
    type Ref;

    /// Makes a reference of an address.
    fn at(address: Address<Self::Message>) -> Self::Ref;
}

impl<M: Send + 'static> Reachable for ProcessRef<M> {
    type Message = M;
    type Ref = Address<M>;

    fn at(address: Address<M>) -> Address<M> {
        address
    }
}

impl<S: GenServer> Reachable for ServerRef<S> {
    type Message = Envelope<S>;
    type Ref = ServerRef<S>;

    fn at(address: Address<Envelope<S>>) -> ServerRef<S> {
        ServerRef::from(address)
    }
}

/// A started child, with the return value of its start function, of any type.
#[must_use]
pub struct AnyChild {
    pid: Pid,
    /// `None` once taken.
    value: Option<Box<dyn Any + Send>>,
}

impl AnyChild {
    pub(crate) fn of(started: impl Started) -> Result<AnyChild, StartError> {
        let pid = started.pid().ok_or_else(|| StartError::failed(ExitReason::NoProc))?;
        Ok(AnyChild { pid, value: Some(Box::new(started)) })
    }

    /// The child's pid.
    pub fn pid(&self) -> Pid {
        self.pid
    }

    /// Looks at the value of the start function, if it is a `T`; or at the pid.
    pub(crate) fn value<T: Started>(&self) -> Option<&T> {
        let value = self.value.as_ref().and_then(|value| value.downcast_ref());
        value.or_else(|| (&self.pid as &dyn Any).downcast_ref())
    }

    /// Returns the value of the start function, if it is a `T`.
    ///
    /// # Errors
    ///
    /// Gives the child back, if its value has another type.
    pub fn downcast<T: Started>(mut self) -> Result<T, AnyChild> {
        match self.value.take().map(<Box<dyn Any + Send>>::downcast) {
            Some(Ok(value)) => Ok(*value),
            Some(Err(other)) => Err(AnyChild { value: Some(other), ..self }),
            None => Err(self),
        }
    }

    /// Returns what a spec of type `T` promises: the value of its start function or, if it is untyped, the pid.
    pub(crate) fn promised<T: Started>(self) -> T {
        self.downcast().unwrap_or_else(|child| {
            let pid: Box<dyn Any> = Box::new(child.pid);
            *pid.downcast().expect("a spec has the type that its start function returns, or that of a pid")
        })
    }
}

/// Usually dropped in the supervisor, which must not end because the drop of a user value panics.
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

/// Two values are equal if they refer to the same process.
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

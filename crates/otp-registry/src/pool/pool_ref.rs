use std::fmt;

use otp_behaviour::Stop;
use otp_core::{Address, Call, CallError, Exited, LookupError, Name, Pid, ProcessRef, System, Target};
use otp_supervisor::Started;

use super::checkout::Checkout;
use super::error::CheckoutError;
use super::message::{PoolMessage, Request};
use super::options::Worker;
use super::status::PoolStatus;

/// Borrows workers of a pool. Refers to one process, or through a name or route to the pool that holds it at that time.
/// Cheap to clone; usable in processes and outside of them.
pub struct PoolRef<W: Worker> {
    address: Address<PoolMessage<W>>,
}

/// The name of a pool with workers `W`, under which it can be registered and found.
pub type PoolName<W> = Name<PoolMessage<W>>;

impl<W: Worker> PoolRef<W> {
    /// Returns a reference to the pool that holds `name` in `system`. Each operation looks up the current holder.
    pub fn named(system: &System, name: PoolName<W>) -> PoolRef<W> {
        PoolRef { address: Address::named(system, name) }
    }

    /// Returns a reference to the pool with this pid.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if there is no such process, or it is not a pool with such workers.
    pub fn of(system: &System, pid: Pid) -> Result<PoolRef<W>, LookupError> {
        ProcessRef::of(system, pid).map(PoolRef::from)
    }

    /// Borrows a worker; waits for one in line, for at most five seconds unless another limit is set. See [`Checkout`].
    pub fn checkout(&self) -> Checkout<W> {
        Checkout::new(&self.address)
    }

    /// Borrows a worker, unless all of them are borrowed and no more may be started: then it fails at once with
    /// [`CheckoutError::Busy`]. It waits for a worker to start, and for a health check; see [`Checkout`].
    pub fn try_checkout(&self) -> Checkout<W> {
        Checkout::new(&self.address).without_waiting()
    }

    /// Borrows a worker for the time of `work`, and returns what `work` returns. [`Checkout::run`] does the same with
    /// another time limit.
    ///
    /// The worker is checked in when `work` is done, panics, or is cancelled by dropping this future. A handle that
    /// `work` keeps still reaches the worker, but other borrowers may use it, too.
    ///
    /// # Errors
    ///
    /// See [`CheckoutError`]; `work` does not run then.
    pub async fn run<T, Fut>(&self, work: impl FnOnce(W) -> Fut) -> Result<T, CheckoutError>
    where
        Fut: Future<Output = T>,
    {
        self.checkout().run(work).await
    }

    /// Returns figures of the pool.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the pool is gone.
    pub async fn status(&self) -> Result<PoolStatus, CallError> {
        Call::new(&self.address, |from| PoolMessage(Request::Status(from))).await
    }

    /// Asks the pool to stop, in order with its messages (graceful shutdown): it refuses new borrowers, waits for the
    /// current ones, and ends its workers. See [`Stop`].
    pub fn stop(&self) -> Stop {
        Stop::of(&self.address)
    }

    /// Waits for the end of the pool, and returns its exit reason; `NoProc` if there is no such pool.
    pub fn exited(&self) -> Exited {
        self.address.exited()
    }

    /// Returns the pool's pid; `None` if no process holds the name, or a process of another type.
    pub fn pid(&self) -> Option<Pid> {
        self.address.pid().ok().flatten()
    }

    /// The system that the pool belongs to.
    pub fn system(&self) -> &System {
        self.address.system()
    }

    /// The address that receives the pool's messages.
    pub fn address(&self) -> &Address<PoolMessage<W>> {
        &self.address
    }
}

impl<W: Worker> From<ProcessRef<PoolMessage<W>>> for PoolRef<W> {
    fn from(process: ProcessRef<PoolMessage<W>>) -> PoolRef<W> {
        PoolRef { address: process.into() }
    }
}

/// Makes a reference from an address, whatever its route.
impl<W: Worker> From<Address<PoolMessage<W>>> for PoolRef<W> {
    fn from(address: Address<PoolMessage<W>>) -> PoolRef<W> {
        PoolRef { address }
    }
}

/// Lets `monitor` and `sys` take the reference.
impl<W: Worker> From<&PoolRef<W>> for Target {
    fn from(pool: &PoolRef<W>) -> Target {
        pool.address.target()
    }
}

impl<W: Worker> Started for PoolRef<W> {
    fn pid(&self) -> Option<Pid> {
        PoolRef::pid(self)
    }
}

impl<W: Worker> Clone for PoolRef<W> {
    fn clone(&self) -> PoolRef<W> {
        PoolRef { address: self.address.clone() }
    }
}

impl<W: Worker> fmt::Debug for PoolRef<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PoolRef({:?})", self.address)
    }
}

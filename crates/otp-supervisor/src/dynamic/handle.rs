use std::fmt;

use otp_behaviour::Stop;
use otp_core::{CallError, Exited, LookupError, Pid, System};
use otp_genserver::{ServerName, ServerRef};

use super::server::{DynamicCall, DynamicServer};
use super::started_from::StartedFrom;
use crate::error::{ChildError, StartChildError};
use crate::info::{ChildInfo, Counts};
use crate::spec::ChildSpec;
use crate::started::{AnyChild, Started};

/// A handle to a dynamic supervisor: a process, or whoever holds a name. Cheap to clone.
///
/// As with [`SupervisorRef`](crate::SupervisorRef), requests wait for their turn without a time limit. A dynamic
/// supervisor that was started again has no children.
pub struct DynamicSupervisorRef<K: StartedFrom = ChildSpec> {
    server: ServerRef<DynamicServer<K>>,
}

/// The name of a dynamic supervisor.
pub type DynamicSupervisorName<K = ChildSpec> = ServerName<DynamicServer<K>>;

impl DynamicSupervisorRef {
    /// Starts a child, and returns when it has started; gives back what its start function returned. `None` if that
    /// answered ignore; nothing is kept of it then.
    ///
    /// # Errors
    ///
    /// See [`StartChildError`]. Nothing of a child that did not start is kept.
    pub async fn start_child<T: Started>(&self, spec: ChildSpec<T>) -> Result<Option<T>, StartChildError> {
        self.start(spec.untyped()).await
    }
}

impl<A: Send + 'static, T: Started> DynamicSupervisorRef<fn(A) -> T> {
    /// Starts a child of which the template makes the spec, and returns when it has started; gives back what its start
    /// function returned. `None` if that answered ignore; nothing is kept of it then.
    ///
    /// # Errors
    ///
    /// See [`StartChildError`]. Nothing of a child that did not start is kept.
    pub async fn start_child(&self, args: A) -> Result<Option<T>, StartChildError> {
        self.start(args).await
    }
}

impl<K: StartedFrom> DynamicSupervisorRef<K> {
    pub(super) fn new(server: ServerRef<DynamicServer<K>>) -> DynamicSupervisorRef<K> {
        DynamicSupervisorRef { server }
    }

    /// The supervisor that holds `name` in `system`, whichever that is at the time.
    pub fn named(system: &System, name: DynamicSupervisorName<K>) -> DynamicSupervisorRef<K> {
        DynamicSupervisorRef::new(ServerRef::named(system, name))
    }

    /// The supervisor that has this pid.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if there is no such process, or it is another kind of process.
    pub fn of(system: &System, pid: Pid) -> Result<DynamicSupervisorRef<K>, LookupError> {
        ServerRef::of(system, pid).map(DynamicSupervisorRef::new)
    }

    async fn start<T: Started>(&self, args: K::Args) -> Result<Option<T>, StartChildError> {
        let started = self.server.call(|from| DynamicCall::Start(args, from)).no_timeout().await??;
        Ok(started.map(AnyChild::promised))
    }

    /// Stops a child as its spec says, and returns when it has ended. A child that waits for its restart is found
    /// under its last pid. A process that has ended is no error for the supervisor of a template, as in OTP; for one
    /// whose children bring their specs it is [`ChildError::NotFound`], as in Elixir.
    ///
    /// # Errors
    ///
    /// [`ChildError::NotFound`], or [`ChildError::Call`].
    pub async fn terminate_child(&self, pid: Pid) -> Result<(), ChildError> {
        self.server.call(|from| DynamicCall::Terminate(pid, from)).no_timeout().await?
    }

    /// All children, the one that was added last first.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor is gone.
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.server.call(DynamicCall::Which).no_timeout().await
    }

    /// How many children there are.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor is gone.
    pub async fn count_children(&self) -> Result<Counts, CallError> {
        self.server.call(DynamicCall::Count).no_timeout().await
    }

    /// The spec of a child.
    ///
    /// # Errors
    ///
    /// [`ChildError::NotFound`], or [`ChildError::Call`].
    pub async fn childspec(&self, pid: Pid) -> Result<ChildSpec, ChildError> {
        self.server.call(|from| DynamicCall::Spec(pid, from)).no_timeout().await?
    }

    /// Has the supervisor stop its children and end; see [`Stop`].
    pub fn stop(&self) -> Stop {
        self.server.stop()
    }

    /// Waits for the end of the supervisor and tells its exit reason, `Shutdown` if it gave up; `NoProc` if there is no such
    /// supervisor. Through a name it is the end of the supervisor that holds the name now, and not of its successor.
    pub fn exited(&self) -> Exited {
        self.server.exited()
    }

    /// The supervisor's pid; `None` if nobody holds the name.
    pub fn pid(&self) -> Option<Pid> {
        self.server.pid()
    }

    /// The supervisor as a server, for what every server understands.
    pub fn server(&self) -> &ServerRef<DynamicServer<K>> {
        &self.server
    }
}

impl<K: StartedFrom> Clone for DynamicSupervisorRef<K> {
    fn clone(&self) -> DynamicSupervisorRef<K> {
        DynamicSupervisorRef { server: self.server.clone() }
    }
}

impl<K: StartedFrom> Started for DynamicSupervisorRef<K> {
    fn pid(&self) -> Option<Pid> {
        DynamicSupervisorRef::pid(self)
    }
}

impl<K: StartedFrom> fmt::Debug for DynamicSupervisorRef<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DynamicSupervisorRef({:?})", self.server)
    }
}

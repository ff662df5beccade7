use otp_behaviour::Stop;
use otp_core::{CallError, Exited, Label, LookupError, Pid, System};
use otp_genserver::{ServerName, ServerRef};

use crate::error::{ChildError, StartChildError};
use crate::info::{ChildInfo, Counts};
use crate::server::{SupervisorCall, SupervisorServer};
use crate::spec::ChildSpec;
use crate::started::{AnyChild, Started};

/// A handle to a supervisor: a process, or whoever holds a name. Cheap to clone.
///
/// A supervisor does one thing at a time: requests wait until it has finished what it is at, and have no time limit. A
/// request that is dropped while it waits is carried out all the same, if it was polled once. Made from a name, the
/// handle finds the supervisor's successor after a restart; that one has the children of its own start.
#[derive(Clone, Debug)]
pub struct SupervisorRef {
    server: ServerRef<SupervisorServer>,
}

/// The name of a supervisor.
pub type SupervisorName = ServerName<SupervisorServer>;

impl SupervisorRef {
    pub(crate) fn new(server: ServerRef<SupervisorServer>) -> SupervisorRef {
        SupervisorRef { server }
    }

    /// The supervisor that holds `name` in `system`, whichever that is at the time.
    pub fn named(system: &System, name: SupervisorName) -> SupervisorRef {
        SupervisorRef::new(ServerRef::named(system, name))
    }

    /// The supervisor that has this pid.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if there is no such process, or it is another kind of process.
    pub fn of(system: &System, pid: Pid) -> Result<SupervisorRef, LookupError> {
        ServerRef::of(system, pid).map(SupervisorRef::new)
    }

    /// Adds a child behind all others and starts it; gives back what its start function returned. `None` if that
    /// answered ignore; the spec is kept then, unless it is temporary.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::{ExitReason, Message, Process, ProcessContext};
    /// use otp::supervisor::{ChildSpec, Strategy, Supervisor};
    ///
    /// let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    /// let spec = ChildSpec::worker("listener", |supervisor: &Process| {
    ///     let listener = supervisor.spawn_link(async |mut ctx: ProcessContext<u32>| {
    ///         assert_eq!(ctx.receive().await, Message::User(7));
    ///     });
    ///     std::future::ready(Ok(listener))
    /// });
    /// let listener = supervisor.start_child(spec).await.unwrap().expect("it does not ignore its start");
    /// listener.send(7).await.unwrap();
    /// assert_eq!(listener.exited().await, ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// See [`StartChildError`]. Nothing of a child that did not start is kept.
    pub async fn start_child<T: Started>(&self, spec: ChildSpec<T>) -> Result<Option<T>, StartChildError> {
        let started = self.server.call(|from| SupervisorCall::Start(spec.untyped(), from)).no_timeout().await??;
        Ok(started.map(AnyChild::promised))
    }

    /// Stops a child as its spec says, and returns when it has ended. Its spec stays, unless it is temporary. A child
    /// that does not run, or waits for its restart, is stopped all the same.
    ///
    /// # Errors
    ///
    /// [`ChildError::NotFound`], or [`ChildError::Call`].
    pub async fn terminate_child(&self, id: impl Into<Label>) -> Result<(), ChildError> {
        let id = id.into();
        self.server.call(|from| SupervisorCall::Terminate(id, from)).no_timeout().await?
    }

    /// Starts a child that is stopped, in its place; `None` if its start answered ignore. This is no restart that
    /// counts. What the child is does not follow from its id: [`AnyChild::downcast`] tells.
    ///
    /// # Errors
    ///
    /// See [`ChildError`]. A child that did not start stays stopped.
    pub async fn restart_child(&self, id: impl Into<Label>) -> Result<Option<AnyChild>, ChildError> {
        let id = id.into();
        self.server.call(|from| SupervisorCall::Restart(id, from)).no_timeout().await?
    }

    /// Forgets a child that is stopped.
    ///
    /// # Errors
    ///
    /// See [`ChildError`].
    pub async fn delete_child(&self, id: impl Into<Label>) -> Result<(), ChildError> {
        let id = id.into();
        self.server.call(|from| SupervisorCall::Delete(id, from)).no_timeout().await?
    }

    /// All children, the one that was added last first.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor is gone.
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.server.call(SupervisorCall::Which).no_timeout().await
    }

    /// How many children there are.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor is gone.
    pub async fn count_children(&self) -> Result<Counts, CallError> {
        self.server.call(SupervisorCall::Count).no_timeout().await
    }

    /// The spec of a child; OTP's `get_childspec/2`.
    ///
    /// # Errors
    ///
    /// [`ChildError::NotFound`], or [`ChildError::Call`].
    pub async fn childspec(&self, id: impl Into<Label>) -> Result<ChildSpec, ChildError> {
        let id = id.into();
        self.server.call(|from| SupervisorCall::Spec(id, from)).no_timeout().await?
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
    pub fn server(&self) -> &ServerRef<SupervisorServer> {
        &self.server
    }
}

impl Started for SupervisorRef {
    fn pid(&self) -> Option<Pid> {
        SupervisorRef::pid(self)
    }
}

use std::fmt;

use otp_behaviour::Stop;
use otp_behaviour::sys::StateOf;
use otp_core::{CallError, Exited, Label, LookupError, Pid, System, Target};
use otp_genserver::{Envelope, GenServer, ServerName, ServerRef};

use crate::error::{ChildError, StartChildError};
use crate::info::{ChildInfo, Counts};
use crate::kind::{ChildOf, Dynamic, Kind, Static};
use crate::server::{Request, Server};
use crate::spec::{ChildSpec, ServerSpec};
use crate::started::{AnyChild, Started};

/// A reference to a supervisor: to a process, or to the holder of a name. Cheap to clone.
///
/// `K` is the [`Kind`] of supervisor: `SupervisorRef` is a reference to a [`Supervisor`](crate::Supervisor), whose children
/// have ids; `SupervisorRef<Dynamic>` one to a [`DynamicSupervisor`](crate::DynamicSupervisor), whose children are known by
/// their pids, as are those that a template makes: `SupervisorRef<fn(A) -> T>`.
///
/// A supervisor does one thing at a time: requests wait until it has finished what it is doing, and have no time limit. A
/// request that is dropped while it waits is carried out all the same, if it was polled once. A reference made from a name
/// finds the supervisor's successor after a restart: that one has the children of its own start, and a dynamic one none.
pub struct SupervisorRef<K: Kind = Static> {
    server: ServerRef<Server<K>>,
}

/// The name of a supervisor of kind `K`.
pub type SupervisorName<K = Static> = ServerName<Server<K>>;

impl<K: Kind> SupervisorRef<K> {
    pub(crate) fn new(server: ServerRef<Server<K>>) -> SupervisorRef<K> {
        SupervisorRef { server }
    }

    /// The supervisor that holds `name` in `system`, whichever that is at the time.
    pub fn named(system: &System, name: SupervisorName<K>) -> SupervisorRef<K> {
        SupervisorRef::new(ServerRef::named(system, name))
    }

    /// The supervisor that has this pid.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if there is no such process, or it is another kind of process.
    pub fn of(system: &System, pid: Pid) -> Result<SupervisorRef<K>, LookupError> {
        ServerRef::of(system, pid).map(SupervisorRef::new)
    }

    /// Starts a child behind all others, from a [`ChildSpec`] or from the argument of the template, and returns what
    /// starting it gave. `None` if the child answered ignore; a `Supervisor` keeps its spec then, unless it is temporary.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::{ExitReason, Message, Process, ProcessContext};
    /// use otp::supervisor::{ChildSpec, Strategy, Supervisor};
    ///
    /// let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    /// let spec = ChildSpec::worker("listener", async |supervisor: Process| {
    ///     supervisor.spawn_link(async |mut ctx: ProcessContext<u32>| {
    ///         assert_eq!(ctx.receive().await, Message::User(7));
    ///     })
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
    pub async fn start_child<C: ChildOf<K>>(&self, child: C) -> Result<Option<C::Started>, StartChildError> {
        let child = child.into_child();
        let started = self.server.call(|from| Request::Start(child, from)).no_timeout().await??;
        Ok(started.map(AnyChild::promised))
    }

    /// Stops a child as its spec says, and returns when it has ended. A child that waits for its restart is stopped
    /// too; a dynamic supervisor finds it under its last pid.
    ///
    /// A [`Supervisor`](crate::Supervisor) keeps the spec, unless the child is temporary. That the process has ended
    /// already is no error for the supervisor of a template, as in OTP; for one whose children bring their specs it is
    /// [`ChildError::NotFound`], as in Elixir.
    ///
    /// # Errors
    ///
    /// [`ChildError::NotFound`], or [`ChildError::Call`].
    pub async fn terminate_child(&self, id: impl Into<K::Id>) -> Result<(), ChildError> {
        let id = id.into();
        self.server.call(|from| Request::Terminate(id, from)).no_timeout().await?
    }

    /// All children, the one that was added last first.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor is gone.
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.server.call(Request::Which).no_timeout().await
    }

    /// How many children there are.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor is gone.
    pub async fn count_children(&self) -> Result<Counts, CallError> {
        self.server.call(Request::Count).no_timeout().await
    }

    /// The spec of a child; OTP's `get_childspec/2`.
    ///
    /// # Errors
    ///
    /// [`ChildError::NotFound`], or [`ChildError::Call`].
    pub async fn childspec(&self, id: impl Into<K::Id>) -> Result<ChildSpec, ChildError> {
        let id = id.into();
        self.server.call(|from| Request::Spec(id, from)).no_timeout().await?
    }

    /// Stops the supervisor, which stops its children first; see [`Stop`].
    pub fn stop(&self) -> Stop {
        self.server.stop()
    }

    /// Waits for the end of the supervisor and gives its exit reason: `Shutdown` if it gave up, `NoProc` if there is no
    /// such supervisor. Through a name it is the end of the supervisor that holds the name now, and not of its successor.
    pub fn exited(&self) -> Exited {
        self.server.exited()
    }

    /// The supervisor's pid; `None` if nobody holds the name.
    pub fn pid(&self) -> Option<Pid> {
        self.server.pid()
    }

    /// The system in which the supervisor runs.
    pub fn system(&self) -> &System {
        self.server.system()
    }
}

impl SupervisorRef {
    /// Starts a child that is stopped, in its place; `None` if its start answered ignore. It does not count as a restart.
    /// What the child is does not follow from its id: [`AnyChild::downcast`] tells.
    ///
    /// # Errors
    ///
    /// See [`ChildError`]. A child that did not start stays stopped.
    pub async fn restart_child(&self, id: impl Into<Label>) -> Result<Option<AnyChild>, ChildError> {
        let id = id.into();
        self.server.call(|from| Request::Restart(id, from)).no_timeout().await?
    }

    /// Forgets a child that is stopped.
    ///
    /// # Errors
    ///
    /// See [`ChildError`].
    pub async fn delete_child(&self, id: impl Into<Label>) -> Result<(), ChildError> {
        let id = id.into();
        self.server.call(|from| Request::Delete(id, from)).no_timeout().await?
    }
}

impl SupervisorRef<Dynamic> {
    /// The server that holds `name`; if there is none, it is started from `child` under that name.
    ///
    /// Of several callers at a time one starts the server, and all get it. The reference is to the process: made from
    /// the name instead, [`ServerRef::named`], it finds the server's successor after a restart.
    ///
    /// ```
    /// # use otp::prelude::*;
    /// # struct Room(Vec<String>);
    /// # #[gen_server]
    /// # impl Room {
    /// #     #[init]
    /// #     fn init() -> Self { Room(Vec::new()) }
    /// #     #[call]
    /// #     fn say(&mut self, line: &'static str) -> usize { self.0.push(line.to_owned()); self.0.len() }
    /// # }
    /// # fn main() {
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// let rooms = DynamicSupervisor::new().start(&system).await.unwrap();
    /// let name = ServerName::dynamic("room/erlang");
    ///
    /// let room = rooms.find_or_start(name.clone(), Room::child(())).await.unwrap();
    /// assert_eq!(room.say("hello, Joe").await, Ok(1));
    /// let same = rooms.find_or_start(name, Room::child(())).await.unwrap();
    /// assert_eq!(same.say("hello, Mike").await, Ok(2));
    /// # }).unwrap();
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`StartChildError`]. A server that answers ignore has failed to start; so has one whose name is held by a
    /// process of another type.
    pub async fn find_or_start<S>(
        &self,
        name: ServerName<S>,
        child: ServerSpec<S>,
    ) -> Result<ServerRef<S>, StartChildError>
    where
        S: GenServer<Args: Clone + Sync>,
    {
        let id = Label::from(name.clone());
        loop {
            if let Ok(Some(process)) = self.system().whereis::<Envelope<S>>(&name) {
                return Ok(ServerRef::from(process));
            }
            match self.start_child(child.clone().name(name.clone())).await {
                Ok(Some(server)) => return Ok(server),
                Ok(None) => {
                    let error = otp_behaviour::StartError::Ignore(id.clone());
                    return Err(StartChildError::Failed { id, error });
                }
                Err(error) => {
                    let Some(pid) = error.already_started() else { return Err(error) };
                    match ServerRef::of(self.system(), pid) {
                        Ok(server) => return Ok(server),
                        // It has ended meanwhile, and the name is free again.
                        Err(LookupError::NoProc(_)) => {}
                        Err(_) => return Err(error),
                    }
                }
            }
        }
    }
}

impl<K: Kind> Clone for SupervisorRef<K> {
    fn clone(&self) -> SupervisorRef<K> {
        SupervisorRef { server: self.server.clone() }
    }
}

impl<K: Kind> Started for SupervisorRef<K> {
    fn pid(&self) -> Option<Pid> {
        SupervisorRef::pid(self)
    }
}

/// For [`sys`](otp_behaviour::sys), monitors and the like.
impl<K: Kind> From<&SupervisorRef<K>> for Target {
    fn from(supervisor: &SupervisorRef<K>) -> Target {
        Target::from(&supervisor.server)
    }
}

impl<K: Kind> From<&SupervisorRef<K>> for StateOf<Server<K>> {
    fn from(supervisor: &SupervisorRef<K>) -> StateOf<Server<K>> {
        StateOf::from(&supervisor.server)
    }
}

impl<K: Kind> fmt::Debug for SupervisorRef<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SupervisorRef({:?})", self.server)
    }
}

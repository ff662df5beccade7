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

/// Sends requests to a supervisor: starts, stops and lists its children. Refers to one process, or to the holder of a
/// name. Cheap to clone.
///
/// `K` is the [`Kind`] of supervisor: `SupervisorRef` refers to a [`Supervisor`](crate::Supervisor), whose children are
/// identified by ids; `SupervisorRef<Dynamic>` to a [`DynamicSupervisor`](crate::DynamicSupervisor), whose children are
/// identified by pids, and `SupervisorRef<fn(A) -> T>` to one with a template.
///
/// A supervisor handles one request at a time: requests wait until it has finished, and have no timeout. If the future
/// of a request is dropped after its first poll, the request is still carried out. A reference made from a name finds
/// the new supervisor after a restart: it has the children of its own start, and a dynamic one has none.
pub struct SupervisorRef<K: Kind = Static> {
    server: ServerRef<Server<K>>,
}

/// The name of a supervisor of kind `K`, under which it can be registered and found.
pub type SupervisorName<K = Static> = ServerName<Server<K>>;

impl<K: Kind> SupervisorRef<K> {
    pub(crate) fn server(&self) -> &ServerRef<Server<K>> {
        &self.server
    }

    pub(crate) fn new(server: ServerRef<Server<K>>) -> SupervisorRef<K> {
        SupervisorRef { server }
    }

    /// Returns a reference to the supervisor that holds `name` in `system`. Each request looks up the current holder.
    pub fn named(system: &System, name: SupervisorName<K>) -> SupervisorRef<K> {
        SupervisorRef::new(ServerRef::named(system, name))
    }

    /// Returns a reference to the supervisor with this pid.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if there is no such process, or it is not a supervisor of this kind.
    pub fn of(system: &System, pid: Pid) -> Result<SupervisorRef<K>, LookupError> {
        ServerRef::of(system, pid).map(SupervisorRef::new)
    }

    /// Starts a child behind all others, from a [`ChildSpec`] or from the argument of the template, and returns the
    /// value of its start. `None` if the child's start returned `ignore`; a `Supervisor` then keeps its spec, unless it
    /// is temporary.
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
    /// See [`StartChildError`]. The spec of a child that did not start is not kept.
    pub async fn start_child<C: ChildOf<K>>(&self, child: C) -> Result<Option<C::Started>, StartChildError> {
        let child = child.into_child();
        let started = self.server.call(|from| Request::Start(child, from)).no_timeout().await??;
        Ok(started.map(AnyChild::promised))
    }

    /// Stops a child as its spec defines, and returns when it has ended. A child that waits for its restart is stopped
    /// too; a dynamic supervisor finds it by its previous pid.
    ///
    /// A [`Supervisor`](crate::Supervisor) keeps the spec, unless the child is temporary. If the process has already
    /// ended, a supervisor with a template succeeds, as in OTP; a dynamic supervisor with specs returns
    /// [`ChildError::NotFound`], as in Elixir.
    ///
    /// # Errors
    ///
    /// [`ChildError::NotFound`], or [`ChildError::Call`].
    pub async fn terminate_child(&self, id: impl Into<K::Id>) -> Result<(), ChildError> {
        let id = id.into();
        self.server.call(|from| Request::Terminate(id, from)).no_timeout().await?
    }

    /// Lists all children, the last added first.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor is gone.
    pub async fn which_children(&self) -> Result<Vec<ChildInfo>, CallError> {
        self.server.call(Request::Which).no_timeout().await
    }

    /// Counts the children.
    ///
    /// # Errors
    ///
    /// [`CallError`] if the supervisor is gone.
    pub async fn count_children(&self) -> Result<Counts, CallError> {
        self.server.call(Request::Count).no_timeout().await
    }

    /// Returns the spec of a child; OTP's `get_childspec/2`.
    ///
    /// # Errors
    ///
    /// [`ChildError::NotFound`], or [`ChildError::Call`].
    pub async fn childspec(&self, id: impl Into<K::Id>) -> Result<ChildSpec, ChildError> {
        let id = id.into();
        self.server.call(|from| Request::Spec(id, from)).no_timeout().await?
    }

    /// Asks the supervisor to stop (graceful shutdown); it stops its children first. See [`Stop`].
    pub fn stop(&self) -> Stop {
        self.server.stop()
    }

    /// Waits for the end of the supervisor and returns its exit reason: `Shutdown` if it gave up, `NoProc` if there is
    /// no such supervisor. Through a name it waits for the supervisor that holds the name now, not for its successor.
    pub fn exited(&self) -> Exited {
        self.server.exited()
    }

    /// Returns the supervisor's pid; `None` if no process holds the name.
    pub fn pid(&self) -> Option<Pid> {
        self.server.pid()
    }

    /// The system that the supervisor belongs to.
    pub fn system(&self) -> &System {
        self.server.system()
    }
}

impl SupervisorRef {
    /// Starts a stopped child, in its place; `None` if its start returned `ignore`. This does not count as a restart.
    /// The id does not determine the child's type: use [`AnyChild::downcast`].
    ///
    /// # Errors
    ///
    /// See [`ChildError`]. A child that did not start stays stopped.
    pub async fn restart_child(&self, id: impl Into<Label>) -> Result<Option<AnyChild>, ChildError> {
        let id = id.into();
        self.server.call(|from| Request::Restart(id, from)).no_timeout().await?
    }

    /// Removes a stopped child.
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
    /// Returns the server that holds `name`; if there is none, starts it from `child` under that name.
    ///
    /// If several callers do this at the same time, one starts the server, and all get it. The reference refers to the
    /// process; use [`ServerRef::named`] for a reference that finds the new server after a restart.
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
    /// See [`StartChildError`]. A server whose start returns `ignore` counts as failed, and so does one whose name is
    /// held by a process of another type.
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

/// Lets [`sys`](otp_behaviour::sys) and monitors take the reference.
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

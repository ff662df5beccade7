use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use otp_behaviour::StartError;
use otp_core::{ExitReason, Label, NameError, Process, ProcessRef, Registration, Spawner, System};
use otp_genserver::{Context, Envelope, GenServer, Init, NoMessage, ServerRef, Start};
use otp_supervisor::ChildSpec;

use super::closing::Closing;
use super::handle::Registry;
use super::kinds::{Key, Keys};
use super::table::Table;
use crate::figures::Open;

/// The process that keeps a registry open. It has no calls: processes use the registry without it.
pub struct RegistryServer<K, M, V, T>(Registry<K, M, V, T>);

impl<K, M, V, T> Registry<K, M, V, T>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
    T: Keys,
{
    /// Starts the process of the registry without a link; outside any process, the system itself is its parent. Does
    /// nothing until it is awaited.
    pub fn start(&self, on: &impl Spawner) -> StartRegistry<K, M, V, T> {
        self.starting(RegistryServer::start(on, self.clone()))
    }

    /// Starts the process of the registry with a link to the process that starts it, its parent. Does nothing until it is
    /// awaited.
    pub fn start_link(&self, on: &impl Spawner) -> StartRegistry<K, M, V, T> {
        self.starting(RegistryServer::start_link(on, self.clone()))
    }

    /// Returns the spec of a child that is the process of this registry; its id is the name of the registry. Put it before
    /// the children that register themselves.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::supervisor::{Strategy, Supervisor};
    /// use otp::registry::{Registry, RegistryName};
    ///
    /// const SESSIONS: RegistryName<u64, ()> = RegistryName::new("sessions");
    ///
    /// let sessions = Registry::named(&system, SESSIONS);
    /// let tree = Supervisor::new(Strategy::RestForOne).child(sessions.child()).start(&system).await.unwrap();
    /// assert_eq!(tree.which_children().await.unwrap()[0].id.as_str(), "sessions");
    /// assert!(sessions.pid().is_some());
    /// # }).unwrap();
    /// ```
    pub fn child(&self) -> ChildSpec<ServerRef<RegistryServer<K, M, V, T>>> {
        let registry = self.clone();
        ChildSpec::worker(self.label().clone(), move |supervisor: Process| registry.start_link(&supervisor))
    }

    fn starting(&self, start: Start<RegistryServer<K, M, V, T>>) -> StartRegistry<K, M, V, T> {
        StartRegistry(start.name(Opening { system: self.system.clone(), table: self.table.clone() }))
    }
}

/// Starts the process of a registry when it is awaited; made by [`Registry::start`].
///
/// # Errors
///
/// [`StartError::AlreadyStarted`] if the registry is running; an error, too, if it belongs to another system.
///
/// # Cancel safety
///
/// If the future is dropped, the registry may be running.
#[must_use = "a registry is started when this is awaited"]
pub struct StartRegistry<K: Key, M: Send + 'static, V: Send + Sync + 'static, T: Keys>(
    Start<RegistryServer<K, M, V, T>>,
);

impl<K, M, V, T> IntoFuture for StartRegistry<K, M, V, T>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
    T: Keys,
{
    type Output = Result<ServerRef<RegistryServer<K, M, V, T>>, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        self.0.into_future()
    }
}

impl<K, M, V, T> GenServer for RegistryServer<K, M, V, T>
where
    K: Key,
    M: Send + 'static,
    V: Send + Sync + 'static,
    T: Keys,
{
    type Args = Registry<K, M, V, T>;
    type Call = NoMessage;
    type Cast = NoMessage;
    type Info = NoMessage;
    type Continue = NoMessage;

    async fn init(registry: Registry<K, M, V, T>, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(RegistryServer(registry)))
    }

    fn format_status(&self) -> String {
        format!("{} entries", self.0.count())
    }
}

/// Opens a registry for a process, before it runs: so that no two do.
struct Opening<K, M, V> {
    system: System,
    table: Arc<Table<K, M, V>>,
}

impl<K, M, V, S> Registration<Envelope<S>> for Opening<K, M, V>
where
    K: Send + Sync + 'static,
    M: Send + 'static,
    V: Send + Sync + 'static,
    S: GenServer,
{
    fn label(&self) -> Label {
        self.table.label.clone()
    }

    fn claim(&self, process: &ProcessRef<Envelope<S>>, owner: &Process) -> Result<(), NameError> {
        let (name, pid) = (|| self.table.label.clone(), process.pid());
        // Its end ends the holders, whose pids are others' in another system.
        if *process.system() != self.system {
            return Err(NameError::NoProc { name: name(), pid });
        }
        self.table.open(pid).map_err(|holder| NameError::Taken { name: name(), holder })?;
        Open::add(&self.system, pid, &self.table);
        owner.keep(Closing(self.table.clone()));
        Ok(())
    }
}

impl<K, M, V> fmt::Debug for Opening<K, M, V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Opening({})", self.table.label)
    }
}

impl<K, M, V, T> fmt::Debug for RegistryServer<K, M, V, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RegistryServer({})", self.0.label())
    }
}

impl<K: Key, M: Send + 'static, V: Send + Sync + 'static, T: Keys> fmt::Debug for StartRegistry<K, M, V, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

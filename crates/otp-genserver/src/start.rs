use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use futures::channel::oneshot;
use otp_behaviour::{forget, options, short_name};
use otp_core::{
    Address, ExitReason, Label, MonitorRef, NameError, Pid, Process, ProcessRef, Registration, SpawnOptions, Spawner,
    System,
};

use crate::run::ServerLoop;
use crate::server::GenServer;
use crate::server_ref::{Envelope, ServerRef};

/// A server that is about to be started; awaiting it starts it and waits until its `init` is done.
///
/// # Errors
///
/// See [`StartError`]. When it is returned, the process is gone and its name is free, and no exit message of it is
/// left in the mailbox of a parent that traps exits. A parent that does not is ended by an abnormal reason, through
/// the link.
///
/// # Cancel safety
///
/// Dropping the future while `init` runs leaves the process running.
#[must_use = "a server is started when this is awaited"]
pub struct Start<S: GenServer> {
    system: System,
    parent: Option<Process>,
    args: S::Args,
    options: SpawnOptions<Envelope<S>>,
    link: bool,
    monitor: bool,
    timeout: Option<Duration>,
    hibernate_after: Option<Duration>,
}

impl<S: GenServer> Start<S> {
    pub(crate) fn new(on: &impl Spawner, args: S::Args, link: bool) -> Start<S> {
        Start {
            system: on.system().clone(),
            parent: on.process(),
            args,
            options: options(short_name::<S>),
            link,
            monitor: false,
            timeout: None,
            hibernate_after: None,
        }
    }

    /// Registers the server before `init` runs: under a [`ServerName`](crate::ServerName) of its own type, or as
    /// another [`Registration`] of it.
    pub fn name(mut self, name: impl Registration<Envelope<S>> + 'static) -> Start<S> {
        self.options = self.options.name(name);
        self
    }

    /// What people call the server; by default, the name of its type.
    pub fn label(mut self, label: impl Into<Label>) -> Start<S> {
        self.options = self.options.label(label);
        self
    }

    /// Kills the server if its `init` takes longer. By default it may take any time.
    pub fn init_timeout(mut self, limit: Duration) -> Start<S> {
        self.timeout = Some(limit);
        self
    }

    /// Has the server give back memory that it does not need while it waits, whenever it has been idle for so long; as
    /// [`Next::Hibernate`](crate::Next::Hibernate) does at once. By default it does not.
    pub fn hibernate_after(mut self, idle: Duration) -> Start<S> {
        self.hibernate_after = Some(idle);
        self
    }

    /// Bounds the server's mailbox to `limit` messages. Casts to a full one need care; see
    /// [`ServerRef::cast`](crate::ServerRef::cast).
    pub fn mailbox(mut self, limit: usize) -> Start<S> {
        self.options = self.options.mailbox(limit);
        self
    }

    async fn run(self) -> Result<(ServerRef<S>, Option<MonitorRef>), StartError> {
        let Start { system, parent, args, mut options, link, monitor, timeout, hibernate_after } = self;
        if link {
            options = options.link();
        }
        if monitor {
            options = options.monitor();
        }
        // Who may tell the server to end: its parent, also one that only monitors it. A server that was started from
        // outside has the system's root.
        let obeys = match &parent {
            Some(parent) if link || monitor => Some(parent.pid()),
            Some(_) => None,
            None => Some(Pid::SYSTEM),
        };
        let (ready, started) = oneshot::channel();
        let body = move |ctx| ServerLoop::new(ctx, args, obeys, hibernate_after, ready).run();
        let spawned = match &parent {
            Some(parent) => parent.spawn_with(options, body)?,
            None => system.spawn_with(options, body)?,
        };
        let process = spawned.process;
        let outcome = match timeout {
            Some(limit) => system.timeout(limit, started).await.map_err(|_| limit),
            None => Ok(started.await),
        };
        let failure = match outcome {
            Ok(Ok(Ok(()))) => return Ok((ServerRef::from(process), spawned.monitor)),
            Ok(Ok(Err(failed))) => {
                detach(parent.as_ref(), &process, spawned.monitor);
                failed.error
                // Here the failed process is released and ends.
            }
            Ok(Err(oneshot::Canceled)) => StartError::Failed(process.exited().await),
            Err(limit) => {
                if let Some(parent) = &parent {
                    parent.unlink(process.pid());
                }
                detach(parent.as_ref(), &process, spawned.monitor);
                process.exit(ExitReason::Kill);
                StartError::Timeout { label: label_of(&process), limit }
            }
        };
        process.exited().await;
        if let Some(parent) = &parent {
            // One that was ended during its `init`, by a signal, could not wait for its ties to be cut.
            forget(parent, process.pid(), spawned.monitor);
        }
        Err(failure)
    }
}

/// Has the parent hear nothing of the end of a process that failed to start; except one that does not trap exits,
/// which is to be ended by it.
fn detach<S: GenServer>(parent: Option<&Process>, process: &ProcessRef<Envelope<S>>, monitor: Option<MonitorRef>) {
    let Some(parent) = parent else { return };
    if parent.traps_exits() {
        parent.unlink(process.pid());
    }
    if let Some(monitor) = monitor {
        parent.demonitor(monitor);
    }
}

/// What people call a server.
pub(crate) fn label_of<S: GenServer>(process: &ProcessRef<Envelope<S>>) -> Label {
    Address::from(process).label().unwrap_or_else(|| Label::from_static(short_name::<S>()))
}

impl<S: GenServer> IntoFuture for Start<S> {
    type Output = Result<ServerRef<S>, StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.run().await.map(|(server, _)| server) })
    }
}

impl<S: GenServer> fmt::Debug for Start<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Start({})", short_name::<S>())
    }
}

/// As [`Start`], with a monitor that is there from the beginning; none is left when the start fails.
#[must_use = "a server is started when this is awaited"]
#[derive(Debug)]
pub struct StartMonitor<S: GenServer>(Start<S>);

impl<S: GenServer> StartMonitor<S> {
    pub(crate) fn new(start: Start<S>) -> StartMonitor<S> {
        StartMonitor(Start { monitor: true, ..start })
    }

    /// See [`Start::name`].
    pub fn name(self, name: impl Registration<Envelope<S>> + 'static) -> StartMonitor<S> {
        self.with(|start| start.name(name))
    }

    /// Changes the options of the start.
    pub fn with(self, options: impl FnOnce(Start<S>) -> Start<S>) -> StartMonitor<S> {
        StartMonitor(options(self.0))
    }
}

impl<S: GenServer> IntoFuture for StartMonitor<S> {
    type Output = Result<(ServerRef<S>, MonitorRef), StartError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (server, monitor) = self.0.run().await?;
            Ok((server, monitor.expect("a monitor was asked for, by a process")))
        })
    }
}

/// Why a server, or a supervisor, did not start.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// Its `init` answered ignore. Under a supervisor that is no failure.
    #[error("{0} was not started: its init answered ignore")]
    Ignore(Label),
    /// Another process holds its name.
    #[error("{name} was not started: {pid} holds the name")]
    AlreadyStarted {
        /// The name.
        name: Label,
        /// Who holds it.
        pid: Pid,
    },
    /// Its `init` took too long, and it was killed.
    #[error("{label} was not started: its init took longer than {limit:?}")]
    Timeout {
        /// What people call it.
        label: Label,
        /// The time limit.
        limit: Duration,
    },
    /// Its `init` failed, panicked or stopped it.
    #[error("not started: {0}")]
    Failed(ExitReason),
}

impl From<NameError> for StartError {
    fn from(error: NameError) -> StartError {
        match error {
            NameError::Taken { name, holder } => StartError::AlreadyStarted { name, pid: holder },
            other => StartError::Failed(other.into()),
        }
    }
}

use std::fmt;
use std::pin::Pin;
use std::time::Duration;

use otp_behaviour::{BehaviourContext, HandOver, StartError, StartOptions, Starter, start};
use otp_core::{Label, MailboxPolicy, MonitorRef, Process, ProcessContext, Registration, Spawner, Threads};

use crate::mailbox::Mailbox;
use crate::rare::{Rare, Snapshots};
use crate::run::ServerLoop;
use crate::server::GenServer;
use crate::server_ref::{Envelope, ServerRef};
use crate::version::Version;

/// Starts a server when it is awaited, and waits until the server's `init` is done. Made by [`GenServer::start`] and
/// [`GenServer::start_link`].
///
/// # Errors
///
/// See [`StartError`]. After an error the process is gone and its name is free. A parent that traps exits finds no exit
/// message of it in its mailbox. A parent that does not trap exits is ended by an abnormal reason, through the link.
///
/// # Cancel safety
///
/// If the future is dropped while `init` runs, the process keeps running.
#[must_use = "a server is started when this is awaited"]
pub struct Start<S: GenServer> {
    on: Starter,
    code: Code<S>,
    options: StartOptions<Envelope<S>>,
    rare: Option<Box<Rare<S>>>,
    pub(crate) load: Option<Box<MailboxPolicy<Envelope<S>>>>,
}

/// What runs behind the messages of an `S`.
enum Code<S: GenServer> {
    /// An `S`.
    Own(S::Args),
    /// A server of another type.
    Other(Version<S::Call, S::Cast, S::Info>),
}

impl<S: GenServer> Start<S> {
    pub(crate) fn new(on: &impl Spawner, args: S::Args) -> Start<S> {
        Start::of(on, Code::Own(args))
    }

    /// Starts a server of another type, which has the same messages, in place of an `S`, linked to its parent: a later
    /// version of it. Its references, its options and its name are those of an `S`, and no arguments of one are needed.
    ///
    /// A supervisor does this when it restarts a child that was [upgraded](crate::Upgrade).
    pub fn version(parent: &Process, version: Version<S::Call, S::Cast, S::Info>) -> Start<S> {
        Start::of(parent, Code::Other(version)).link()
    }

    fn of(on: &impl Spawner, code: Code<S>) -> Start<S> {
        let options = StartOptions::new(S::type_label);
        let options = if S::ON_THREAD { options.on(&Threads::own()) } else { options };
        Start { on: Starter::of(on), code, options, rare: None, load: None }
    }

    pub(crate) fn link(mut self) -> Start<S> {
        self.options = self.options.link();
        self
    }

    /// Registers the server before `init` runs: under a [`ServerName`](crate::ServerName) of its own type, or as
    /// another [`Registration`] of it.
    pub fn name(mut self, name: impl Registration<Envelope<S>> + 'static) -> Start<S> {
        self.options = self.options.name(name);
        self
    }

    /// Sets the label of the server, for logs and introspection; by default, the name of its type.
    pub fn label(mut self, label: impl Into<Label>) -> Start<S> {
        self.options = self.options.label(label);
        self
    }

    /// Sets whether a call may run the server on the caller's thread, once the server has been measured to be fast, and the
    /// start and the stop of the server on the thread that waits for them, once its type has. By default they may;
    /// [`SpawnOptions::inline`](otp_core::SpawnOptions::inline) explains when to switch it off.
    pub fn inline(mut self, on: bool) -> Start<S> {
        self.options = self.options.inline(on);
        self
    }

    /// Makes the server run on a thread of its own, which its callbacks may block; see [`GenServer::ON_THREAD`].
    pub fn on_thread(self) -> Start<S> {
        self.on(&Threads::own())
    }

    /// Makes the server run on one of these threads, such as those of a [bounded](Threads::bounded) pool.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// # use otp::gen_server::{Context, GenServer, Init, NoMessage};
    /// # use otp::ExitReason;
    /// use otp::process::{RunsOn, Threads};
    ///
    /// # struct Worker;
    /// # impl GenServer for Worker {
    /// #     type Args = ();
    /// #     type Call = NoMessage;
    /// #     type Cast = NoMessage;
    /// #     type Info = NoMessage;
    /// #     type Continue = NoMessage;
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
    /// #         Ok(Init::Ok(Worker))
    /// #     }
    /// # }
    /// let threads = Threads::bounded(4);
    /// let worker = Worker::start(&system, ()).on(&threads).await.unwrap();
    /// assert_eq!(system.info(worker.pid().unwrap()).unwrap().on, RunsOn::Thread);
    /// # }).unwrap();
    /// ```
    pub fn on(mut self, threads: &Threads) -> Start<S> {
        self.options = self.options.on(threads);
        self
    }

    /// Kills the server if its `init` takes longer than `limit`. By default there is no limit.
    pub fn init_timeout(mut self, limit: Duration) -> Start<S> {
        self.options = self.options.timeout(limit);
        self
    }

    /// Hibernates the server whenever it has been idle for `idle`: it frees memory that it does not need while it
    /// waits. [`Next::Hibernate`](crate::Next::Hibernate) does this at once. By default a server does not hibernate.
    pub fn hibernate_after(mut self, idle: Duration) -> Start<S> {
        self.rare().hibernate_after = Some(idle);
        self
    }

    /// Passes the server what its last incarnation has saved, and keeps what it saves, with
    /// [`Context::save`](crate::Context::save). A supervisor does this for a child whose spec asks for it.
    pub fn hand_over(mut self, hand_over: HandOver) -> Start<S> {
        self.rare().hand_over = Some(hand_over);
        self
    }

    /// Saves a clone of the server's state for its next incarnation, if its state is handed over: its last good state.
    ///
    /// It is taken between two callbacks, when the server has come to the end of the messages that it has taken over, so at
    /// least every [`Process::BUDGET`](otp_core::Process::BUDGET) messages, at most once in `every`. It is never the state
    /// in which a callback has crashed, which may be changed by half; what the server did since the last time is lost with
    /// the crash. What `init` has made is not saved before a message was handled.
    pub fn save_state(mut self, every: Duration) -> Start<S>
    where
        S: Clone,
    {
        self.rare().snapshots = Some(Snapshots::new(every));
        self
    }

    fn rare(&mut self) -> &mut Rare<S> {
        self.rare.get_or_insert_default()
    }

    /// Bounds the server's mailbox to `limit` messages, of whatever kind. A cast to a full mailbox is dropped; see
    /// [`ServerRef::cast`](crate::ServerRef::cast).
    pub fn mailbox(mut self, limit: usize) -> Start<S> {
        self.options = self.options.mailbox(limit);
        self
    }

    async fn run(self) -> Result<(ServerRef<S>, Option<MonitorRef>), StartError> {
        let Start { on, code, options, rare, load } = self;
        let options = match load {
            Some(load) => options.policy(*load),
            None => options,
        };
        let started = match code {
            Code::Own(args) => {
                let body = move |ctx: ProcessContext<_>, parent, ack| {
                    ctx.hold_tokens();
                    ServerLoop::new(Mailbox::Own(ctx), args, rare, parent, ack).run()
                };
                start(&on, options, body).await?
            }
            Code::Other(version) => {
                let body = move |ctx: ProcessContext<_>, parent, ack| {
                    ctx.hold_tokens();
                    version.run(ctx, rare, parent, ack)
                };
                Box::pin(start(&on, options, body)).await?
            }
        };
        Ok((ServerRef::from(started.process), started.monitor))
    }
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
        write!(f, "Start({})", S::type_label())
    }
}

/// Starts a server like [`Start`], with a monitor that is set before it runs. If the start fails, no monitor is left.
#[must_use = "a server is started when this is awaited"]
#[derive(Debug)]
pub struct StartMonitor<S: GenServer>(Start<S>);

impl<S: GenServer> StartMonitor<S> {
    pub(crate) fn new(start: Start<S>) -> StartMonitor<S> {
        StartMonitor(Start { options: start.options.monitor(), ..start })
    }

    /// Registers the server before `init` runs; see [`Start::name`].
    pub fn name(self, name: impl Registration<Envelope<S>> + 'static) -> StartMonitor<S> {
        self.with(|start| start.name(name))
    }

    /// Sets other options of the start.
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

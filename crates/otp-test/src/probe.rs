use std::fmt::{self, Debug, Write};
use std::ops::Deref;
use std::panic::Location;
use std::pin::pin;
use std::time::Duration;

use futures::channel::{mpsc, oneshot};
use futures::future::{BoxFuture, Either, select};
use futures::{FutureExt, StreamExt};
use otp_core::{
    ExitReason, Message, MessageRef, MonitorRef, Pid, Process, ProcessContext, ProcessRef, Spawner, System,
};

use crate::within::Within;

/// Stands for a process in a test, so that the test receives messages and signals and can expect them.
///
/// A probe is an ordinary process with a pid and a mailbox, and traps exits. It dereferences to [`Process`], so it
/// links and monitors; servers that are [started with it](Spawner) have it as their parent. Nothing leaves its mailbox
/// before the test expects it: other messages stay there, in order. Dropping the probe ends the process with
/// `Shutdown`, and linked processes with it, as at the end of an ExUnit test.
///
/// A failed expectation panics in the test, not in the probe; the message contains what the mailbox held instead.
///
/// ```
/// # otp::tokio::run(async |system| {
/// use otp::test::Probe;
/// use otp::{ExitReason, Message, ProcessContext};
///
/// let probe = Probe::<&str>::start(&system).await;
/// let to = probe.this();
/// let greeter = probe.spawn_link(async move |_: ProcessContext<()>| {
///     to.send("hello").await?;
///     to.send("bye").await?;
///     Err::<(), _>(ExitReason::other("tired"))
/// });
///
/// probe.expect("bye").await;
/// assert_eq!(probe.expect_exit(greeter.pid()).await, ExitReason::other("tired"));
/// // What was not asked for is still there.
/// assert_eq!(probe.next().await, Message::User("hello"));
/// # });
/// ```
pub struct Probe<M: Send + 'static = ()> {
    this: ProcessRef<M>,
    process: Process,
    commands: mpsc::UnboundedSender<Command<M>>,
}

type Command<M> = Box<dyn for<'a> FnOnce(&'a mut ProcessContext<M>) -> BoxFuture<'a, ()> + Send>;

impl<M: Send + 'static> Probe<M> {
    /// Starts a probe.
    ///
    /// # Panics
    ///
    /// If the system is shut down meanwhile.
    pub async fn start(system: &System) -> Probe<M> {
        let (ready, started) = oneshot::channel();
        let (commands, mut todo) = mpsc::unbounded::<Command<M>>();
        let this = system.spawn(async move |mut ctx: ProcessContext<M>| {
            ctx.trap_exit(true);
            // Fails only when the test is over, which closes the commands.
            let _ = ready.send(Process::clone(&ctx));
            while let Some(command) = todo.next().await {
                command(&mut ctx).await;
            }
            ExitReason::Shutdown
        });
        match started.await {
            Ok(process) => Probe { this, process, commands },
            Err(oneshot::Canceled) => panic!("{}", gone(&this).await),
        }
    }

    /// Returns a reference to the probe, to give to the code under test.
    pub fn this(&self) -> ProcessRef<M> {
        self.this.clone()
    }

    /// Runs `act` in the probe's process, so that it acts as the probe: an exit signal that it sends comes from the
    /// probe.
    ///
    /// ```
    /// # otp::tokio::run(async |system| {
    /// use otp::test::Probe;
    /// use otp::ExitReason;
    ///
    /// let (parent, child) = (Probe::<()>::start(&system).await, Probe::<()>::start(&system).await);
    /// let pid = child.pid();
    /// parent.run(move |ctx| ctx.system().exit(pid, ExitReason::Shutdown)).await;
    /// assert_eq!(child.expect_exit(parent.pid()).await, ExitReason::Shutdown);
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// If the probe has ended.
    pub async fn run<T: Send + 'static>(&self, act: impl FnOnce(&mut ProcessContext<M>) -> T + Send + 'static) -> T {
        self.ask(move |ctx| std::future::ready(act(ctx)).boxed()).await
    }

    /// Makes the process run a command, unless the caller gives up before.
    async fn ask<T: Send + 'static>(
        &self,
        run: impl for<'a> FnOnce(&'a mut ProcessContext<M>) -> BoxFuture<'a, T> + Send + 'static,
    ) -> T {
        let (mut tell, told) = oneshot::channel();
        let command: Command<M> = Box::new(move |ctx| {
            async move {
                let done = match select(run(ctx), pin!(tell.cancellation())).await {
                    Either::Left((output, _)) => Some(output),
                    Either::Right(_) => None,
                };
                // If this fails, nothing waits for it.
                let _ = done.map(|output| tell.send(output));
            }
            .boxed()
        });
        // A refused command is dropped, and its answer never comes.
        let _ = self.commands.unbounded_send(command);
        match told.await {
            Ok(output) => output,
            Err(oneshot::Canceled) => panic!("{}", gone(&self.this).await),
        }
    }
}

/// Returns why a probe does not answer.
async fn gone<M: Send + 'static>(probe: &ProcessRef<M>) -> String {
    format!("the probe {} has ended: {}", probe.pid(), probe.exited().await)
}

impl<M: Debug + Send + 'static> Probe<M> {
    /// Returns the next message or signal.
    ///
    /// # Panics
    ///
    /// If none comes in time.
    #[track_caller]
    pub fn next(&self) -> Within<'_, Message<M>> {
        self.receive("message".to_owned(), |_| true)
    }

    /// Waits for a message that equals `message`, and takes it out of the mailbox. Other messages may be before it.
    ///
    /// # Panics
    ///
    /// If it does not come in time.
    #[track_caller]
    pub fn expect(&self, message: M) -> Within<'_, ()>
    where
        M: PartialEq,
    {
        let what = format!("{message:?}");
        self.receive(what, move |found| matches!(found, MessageRef::User(found) if *found == message)).map(drop)
    }

    /// Waits for a message that `wanted` accepts, and takes it out of the mailbox. Other messages may be before it.
    ///
    /// # Panics
    ///
    /// If none comes in time.
    #[track_caller]
    pub fn expect_match(&self, mut wanted: impl FnMut(&M) -> bool + Send + 'static) -> Within<'_, M> {
        let wanted = move |found: MessageRef<'_, M>| matches!(found, MessageRef::User(found) if wanted(found));
        self.receive("message that matches".to_owned(), wanted)
            .map(|message| message.user().expect("it was a message of a user"))
    }

    /// Waits for the exit signal of a process, and returns its reason: a process that the probe is linked to has ended,
    /// or a process has sent a signal. [`Pid::SYSTEM`] is the sender outside any process.
    ///
    /// # Panics
    ///
    /// If it does not come in time.
    #[track_caller]
    pub fn expect_exit(&self, from: Pid) -> Within<'_, ExitReason> {
        self.receive(
            format!("exit of {from}"),
            move |found| matches!(found, MessageRef::Exit(exit) if exit.from == from),
        )
        .map(|message| match message {
            Message::Exit(exit) => exit.reason,
            _ => unreachable!("it was an exit"),
        })
    }

    /// Waits for the end of a process that the probe monitors, and returns its reason.
    ///
    /// ```
    /// # otp::tokio::run(async |system| {
    /// use otp::test::Probe;
    /// use otp::{ExitReason, ProcessContext};
    ///
    /// let probe = Probe::<()>::start(&system).await;
    /// let watched = system.spawn(async |mut ctx: ProcessContext<()>| {
    ///     ctx.receive().await;
    ///     ExitReason::Shutdown
    /// });
    /// let monitor = probe.monitor(&watched);
    /// watched.send(()).await.unwrap();
    /// assert_eq!(probe.expect_down(monitor).await, ExitReason::Shutdown);
    /// # });
    /// ```
    ///
    /// # Panics
    ///
    /// If it does not come in time.
    #[track_caller]
    pub fn expect_down(&self, monitor: MonitorRef) -> Within<'_, ExitReason> {
        let wanted = move |found: MessageRef<'_, M>| matches!(found, MessageRef::Down(down) if down.monitor == monitor);
        self.receive(format!("down of {monitor:?}"), wanted).map(|message| match message {
            Message::Down(down) => down.reason,
            _ => unreachable!("it was a down"),
        })
    }

    /// Checks that the mailbox is empty, and that nothing comes for `limit`: on a real clock it takes that long. With a
    /// limit of zero it checks once.
    ///
    /// # Panics
    ///
    /// If the mailbox contains something, or something comes.
    #[track_caller]
    pub fn expect_none(&self, limit: Duration) -> impl Future<Output = ()> + Send {
        let at = Location::caller();
        async move {
            let found = self.ask(move |ctx| ctx.receive_timeout(limit).boxed()).await;
            if let Some(message) = found {
                panic!("the probe {} expected no message for {limit:?}, at {at}, but got {message:?}", self.pid());
            }
        }
    }

    #[track_caller]
    fn receive(
        &self,
        what: String,
        wanted: impl FnMut(MessageRef<'_, M>) -> bool + Send + 'static,
    ) -> Within<'_, Message<M>> {
        let at = Location::caller();
        Within::new(async move |limit| {
            let received = async move |ctx: &mut ProcessContext<M>| {
                let found = ctx.receive_match_timeout(wanted, limit).await;
                found.ok_or_else(|| shown(ctx))
            };
            match self.ask(move |ctx| received(ctx).boxed()).await {
                Ok(message) => message,
                Err(mailbox) => panic!("the probe {} got no {what} within {limit:?}, at {at}; {mailbox}", self.pid()),
            }
        })
    }
}

/// Formats the content of a mailbox, without removing anything.
fn shown<M: Debug + Send + 'static>(ctx: &mut ProcessContext<M>) -> String {
    let mut text = String::new();
    ctx.try_receive_match(|message| {
        // Writing to a string does not fail.
        let _ = match message {
            MessageRef::User(message) => write!(text, "\n  {message:?}"),
            MessageRef::Exit(exit) => write!(text, "\n  {exit:?}"),
            MessageRef::Down(down) => write!(text, "\n  {down:?}"),
            other => write!(text, "\n  {other:?}"),
        };
        false
    });
    if text.is_empty() { "its mailbox is empty".to_owned() } else { format!("its mailbox holds:{text}") }
}

impl<M: Send + 'static> Spawner for Probe<M> {
    fn system(&self) -> &System {
        self.process.system()
    }

    fn process(&self) -> Option<Process> {
        Some(self.process.clone())
    }
}

impl<M: Send + 'static> Deref for Probe<M> {
    type Target = Process;

    fn deref(&self) -> &Process {
        &self.process
    }
}

impl<M: Send + 'static> fmt::Debug for Probe<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Probe({})", self.process.pid())
    }
}

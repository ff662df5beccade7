use std::any::type_name;
use std::fmt;

use otp_behaviour::short_name;
use otp_core::{ExitReason, Process, Spawner, Term, TimerRef};

use crate::__private::unhandled_info;
use crate::context::Context;
use crate::outcome::{Incoming, Info, Init, Next};
use crate::start::{Start, StartMonitor};

/// Defines a server: its state is the implementing type, and its callbacks handle messages. OTP's `gen_server`
/// behaviour.
///
/// Only [`init`](GenServer::init) is required. The callbacks of one server never overlap: the server handles each
/// message to its end before it takes the next one, in order of arrival, whether call, cast or info.
///
/// A callback that panics or returns an error ends the server: [`terminate`](GenServer::terminate) runs with that
/// reason, and waiting callers get the reason. Errors of the application are values: reply with them.
pub trait GenServer: Sized + Send + 'static {
    /// The argument of [`init`](GenServer::init).
    type Args: Send + 'static;
    /// The calls: an enum whose variants carry a [`ReplyTo`](otp_core::ReplyTo). [`NoMessage`](crate::NoMessage) if the
    /// server has none.
    type Call: Send + 'static;
    /// The casts: messages without a reply.
    type Cast: Send + 'static;
    /// Messages that are neither calls nor casts.
    type Info: Send + 'static;
    /// The argument of [`handle_continue`](GenServer::handle_continue).
    type Continue: Send + 'static;

    /// Whether the server runs on a thread of its own, from `init` to the drop of its state, unless its start puts it
    /// [on](Start::on) others. Its callbacks may then block, and it may keep what is not `Send` in a
    /// [`Local`](otp_core::Local). See [`Threads`](otp_core::Threads) for what that costs, and for when a kill acts.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    ///
    /// use otp::gen_server::{Context, GenServer, Init, Next, NoMessage};
    /// use otp::process::Local;
    /// use otp::{ExitReason, ReplyTo};
    ///
    /// struct Meter(Local<Rc<Cell<u32>>>);
    ///
    /// impl GenServer for Meter {
    ///     type Args = u32;
    ///     type Call = ReplyTo<u32>;
    ///     type Cast = NoMessage;
    ///     type Info = NoMessage;
    ///     type Continue = NoMessage;
    ///
    ///     const ON_THREAD: bool = true;
    ///
    ///     async fn init(first: u32, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
    ///         Ok(Init::Ok(Meter(Local::new(Rc::new(Cell::new(first))))))
    ///     }
    ///
    ///     async fn handle_call(&mut self, from: ReplyTo<u32>, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
    ///         self.0.set(self.0.get() + 1);
    ///         from.reply(self.0.get());
    ///         Ok(Next::Receive)
    ///     }
    /// }
    ///
    /// let meter = Meter::start(&system, 6).await.unwrap();
    /// assert_eq!(meter.call(|from| from).await, Ok(7));
    /// # }).unwrap();
    /// ```
    const ON_THREAD: bool = false;

    /// Makes the state. The callback runs in the new process; `start` returns when the callback is done.
    ///
    /// An error or a panic ends the process with that reason, and `start` returns it.
    /// [`terminate`](GenServer::terminate) is not called in this case.
    fn init(args: Self::Args, ctx: &mut Context<Self>) -> impl Future<Output = Result<Init<Self>, ExitReason>> + Send;

    /// Handles a call. The reply goes through the [`ReplyTo`](otp_core::ReplyTo) that the call carries, now or later.
    ///
    /// The default implementation ends the server with a crash.
    fn handle_call(
        &mut self,
        call: Self::Call,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Result<Next<Self>, ExitReason>> + Send {
        drop((call, ctx));
        std::future::ready(Err(undefined::<Self>("handle_call")))
    }

    /// Handles a cast. The default implementation ends the server with a crash.
    fn handle_cast(
        &mut self,
        cast: Self::Cast,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Result<Next<Self>, ExitReason>> + Send {
        drop((cast, ctx));
        std::future::ready(Err(undefined::<Self>("handle_cast")))
    }

    /// Handles any other message. The default implementation logs the message and drops it.
    fn handle_info(
        &mut self,
        info: Info<Self::Info>,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Result<Next<Self>, ExitReason>> + Send {
        std::future::ready(unhandled_info(info, ctx))
    }

    /// Continues after a callback that returned `Continue`. The default implementation ends the server with a crash.
    fn handle_continue(
        &mut self,
        arg: Self::Continue,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Result<Next<Self>, ExitReason>> + Send {
        drop((arg, ctx));
        std::future::ready(Err(undefined::<Self>("handle_continue")))
    }

    /// Cleans up before the server ends.
    ///
    /// The callback runs after another callback stopped the server, panicked or failed; after a request to
    /// [`stop`](crate::ServerRef::stop) the server; and, only if the server traps exits, when its parent ends or sends
    /// it an exit signal. It does not run when the process is killed, when another exit signal ends it, or when `init`
    /// failed. An error or a panic in this callback replaces the exit reason, and so does a panic when the state is
    /// dropped afterwards; a crash that is replaced is still reported.
    fn terminate(
        &mut self,
        reason: &ExitReason,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Result<(), ExitReason>> + Send {
        let _ = (reason, ctx);
        std::future::ready(Ok(()))
    }

    /// Changes the state on [`sys::change_code`](crate::sys::change_code), while the server is suspended. An error
    /// leaves the server as it is and is returned to the requester.
    ///
    /// # Errors
    ///
    /// The reason why the change is refused. The default implementation never refuses.
    fn code_change(&mut self, extra: Term) -> Result<(), ExitReason> {
        drop(extra);
        Ok(())
    }

    /// Formats the state for [`sys::status`](crate::sys::status). The default is the name of its type.
    fn format_status(&self) -> String {
        type_name::<Self>().to_owned()
    }

    /// The states of the server that may follow each other, as a Mermaid state diagram, for
    /// [`sys::status`](crate::sys::status). State machines have one if they have a table of transitions; the default is
    /// `None`.
    fn diagram() -> Option<&'static str> {
        None
    }

    /// The label of a server that is given no other: the name of its type, unless this is overridden, as by a type that
    /// runs another one's callbacks.
    fn type_label() -> &'static str {
        short_name::<Self>()
    }

    /// Formats a message for the traces of simulated runs. The default shows only the kind of the message, because a
    /// message need not be `Debug`; `#[gen_server]` shows the message itself.
    ///
    /// # Errors
    ///
    /// Those of the formatter.
    fn format_message(message: &Incoming<'_, Self>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match message {
            Incoming::Call(_) => "a call",
            Incoming::Cast(_) => "a cast",
            Incoming::Info(_) => "an info",
        })
    }

    /// Returns whether a timer of the process that has fired means anything to the server; by default, it does. One that
    /// does not is dropped: it is neither handled nor shown or counted, and does not end a timeout. For behaviours on top of
    /// a server, such as state machines, which cancel timers that may have fired before.
    fn wants_timer(&mut self, timer: &TimerRef) -> bool {
        let _ = timer;
        true
    }

    /// Starts a server that is linked to no process. Does nothing until it is awaited.
    fn start(on: &impl Spawner, args: Self::Args) -> Start<Self> {
        Start::new(on, args)
    }

    /// Starts a server that is linked to the process that starts it, its parent. Outside any process, the parent is the
    /// system itself. Does nothing until it is awaited.
    fn start_link(on: &impl Spawner, args: Self::Args) -> Start<Self> {
        Start::new(on, args).link()
    }

    /// Starts a server that is monitored by `by`, and linked to no process. `by` is still its parent: an exit signal
    /// from it ends the server, even if the server traps exits. Does nothing until it is awaited.
    fn start_monitor(by: &Process, args: Self::Args) -> StartMonitor<Self> {
        StartMonitor::new(Start::new(by, args))
    }
}

fn undefined<S>(callback: &str) -> ExitReason {
    ExitReason::crash(format!("{} does not implement {callback}", type_name::<S>()))
}

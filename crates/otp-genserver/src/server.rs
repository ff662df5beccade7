use std::any::type_name;
use std::fmt;

use otp_core::{ExitReason, Process, Spawner, Term};

use crate::__private::unhandled_info;
use crate::context::Context;
use crate::outcome::{Incoming, Info, Init, Next};
use crate::start::{Start, StartMonitor};

/// The callbacks of a server; OTP's `gen_server` behaviour.
///
/// Only [`init`](GenServer::init) is required. Callbacks of one server never overlap: each message is handled to its
/// end before the next one is looked at, in the order of arrival, calls and casts and infos alike.
///
/// A callback that panics or returns an error ends the server: [`terminate`](GenServer::terminate) runs with that
/// reason, and whoever waits for an answer gets it. Errors of the business at hand are values: reply with them.
pub trait GenServer: Sized + Send + 'static {
    /// What [`init`](GenServer::init) is given.
    type Args: Send + 'static;
    /// The calls: an enum whose variants carry a [`ReplyTo`](otp_core::ReplyTo). [`NoMessage`](crate::NoMessage) if there
    /// are none.
    type Call: Send + 'static;
    /// The casts.
    type Cast: Send + 'static;
    /// The messages that are neither calls nor casts.
    type Info: Send + 'static;
    /// What [`handle_continue`](GenServer::handle_continue) is given.
    type Continue: Send + 'static;

    /// Makes the state. Runs in the new process; `start` returns when it is done.
    ///
    /// An error or a panic ends the process with that reason, and `start` returns it.
    /// [`terminate`](GenServer::terminate) is not called then.
    fn init(args: Self::Args, ctx: &mut Context<Self>) -> impl Future<Output = Result<Init<Self>, ExitReason>> + Send;

    /// Handles a call. The reply goes through the [`ReplyTo`](otp_core::ReplyTo) that the call carries, now or later.
    ///
    /// Without an implementation, a call ends the server.
    fn handle_call(
        &mut self,
        call: Self::Call,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Result<Next<Self>, ExitReason>> + Send {
        drop((call, ctx));
        std::future::ready(Err(undefined::<Self>("handle_call")))
    }

    /// Handles a cast. Without an implementation, a cast ends the server.
    fn handle_cast(
        &mut self,
        cast: Self::Cast,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Result<Next<Self>, ExitReason>> + Send {
        drop((cast, ctx));
        std::future::ready(Err(undefined::<Self>("handle_cast")))
    }

    /// Handles any other message. Without an implementation, it is logged and dropped.
    fn handle_info(
        &mut self,
        info: Info<Self::Info>,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Result<Next<Self>, ExitReason>> + Send {
        std::future::ready(unhandled_info(info, ctx))
    }

    /// Goes on after a callback that returned `Continue`. Without an implementation, that ends the server.
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
    /// It runs when a callback stopped the server, panicked or failed, when the server was told to
    /// [`stop`](crate::ServerRef::stop), and, only if it traps exits, when its parent ends or asks it to. It does not
    /// run when the process is killed, when another exit signal ends it, or when `init` did not succeed. An error or
    /// a panic replaces the exit reason, and so does a panic when the state is dropped afterwards; a crash that is
    /// replaced is reported all the same.
    fn terminate(
        &mut self,
        reason: &ExitReason,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Result<(), ExitReason>> + Send {
        let _ = (reason, ctx);
        std::future::ready(Ok(()))
    }

    /// Changes the state on [`sys::change_code`](crate::sys::change_code), while the server is suspended. An error
    /// leaves the server as it is and is returned to whoever asked.
    ///
    /// # Errors
    ///
    /// Why the change is refused. Without an implementation, none is.
    fn code_change(&mut self, extra: Term) -> Result<(), ExitReason> {
        drop(extra);
        Ok(())
    }

    /// Shows the state, for [`sys::status`](crate::sys::status). By default, the name of its type.
    fn format_status(&self) -> String {
        type_name::<Self>().to_owned()
    }

    /// Shows a message, for the traces of simulated runs. By default only of which kind it is, since a message need not
    /// be `Debug`; with `#[gen_server]` the message itself.
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

    /// Starts a server that is linked to nobody. Nothing happens before it is awaited.
    fn start(on: &impl Spawner, args: Self::Args) -> Start<Self> {
        Start::new(on, args)
    }

    /// Starts a server that is linked to the process that starts it, its parent. From outside any process the system
    /// itself is the parent. Nothing happens before it is awaited.
    fn start_link(on: &impl Spawner, args: Self::Args) -> Start<Self> {
        Start::new(on, args).link()
    }

    /// Starts a server that is monitored by `by`, and linked to nobody. `by` is its parent all the same: an exit signal
    /// that it sends ends the server, also one that traps exits. Nothing happens before it is awaited.
    fn start_monitor(by: &Process, args: Self::Args) -> StartMonitor<Self> {
        StartMonitor::new(Start::new(by, args))
    }
}

fn undefined<S>(callback: &str) -> ExitReason {
    ExitReason::crash(format!("{} does not implement {callback}", type_name::<S>()))
}

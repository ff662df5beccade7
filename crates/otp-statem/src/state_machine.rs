use std::fmt;

use otp_core::{ExitReason, Process, Spawner, Term};
use otp_genserver::{Incoming, Start, StartMonitor};
use otp_supervisor::{Restart, ServerSpec, Shutdown, Supervised};

use crate::context::Context;
use crate::decision::{Entered, Init, Transition};
use crate::event::Event;
use crate::machine::Machine;

/// Defines a state machine, OTP's `gen_statem` behaviour: the implementing type is its data, and
/// [`State`](StateMachine::State) the type of its states.
///
/// A machine is a process that handles one event at a time: a message, an event that it has inserted itself, or a
/// timeout. Of OTP's callback modes it has `handle_event_function` with state enter calls: the state is an argument of
/// [`handle`](StateMachine::handle), and usually the first thing that it matches. A callback that panics or returns an
/// error ends the machine, after [`terminate`](StateMachine::terminate).
pub trait StateMachine: Sized + Send + 'static {
    /// The argument of [`init`](StateMachine::init).
    type Args: Send + 'static;
    /// The states: an enum, whose variants may have data that is of use in that state alone. A callback may change such
    /// data in place; it changes to another state with [`Transition::next`]. Equal states are the same state.
    type State: PartialEq + fmt::Debug + Send + 'static;
    /// The calls: an enum whose variants carry a [`ReplyTo`](otp_core::ReplyTo).
    type Call: Send + 'static;
    /// The casts: messages without a reply.
    type Cast: Send + 'static;
    /// Messages that are neither calls nor casts.
    type Info: Send + 'static;
    /// The content of internal events, which the machine inserts itself, and of timeouts.
    type Internal: Send + 'static;
    /// The names of named timeouts.
    type Timer: PartialEq + Send + 'static;

    /// Whether the machine runs on a thread of its own; see
    /// [`GenServer::ON_THREAD`](otp_genserver::GenServer::ON_THREAD).
    const ON_THREAD: bool = false;
    /// When the machine is restarted, unless its spec overrides it.
    const RESTART: Restart = Restart::Permanent;
    /// How the machine is stopped, unless its spec overrides it; `None` means the default of five seconds.
    const SHUTDOWN: Option<Shutdown> = None;
    /// Whether the end of the machine may end its supervisor, unless its spec overrides it.
    const SIGNIFICANT: bool = false;
    /// How many crashes survives what the machine saves; see [`Supervised::HAND_OVER`].
    const HAND_OVER: Option<u32> = None;

    /// Makes the data and the first state. The callback runs in the new process; `start` returns when it is done,
    /// before the machine [enters](StateMachine::enter) that state.
    ///
    /// An error or a panic ends the process with that reason, and `start` returns it.
    fn init(
        args: Self::Args,
        ctx: &mut Context<'_, Self>,
    ) -> impl Future<Output = Result<Init<Self>, ExitReason>> + Send;

    /// Handles an event in a state.
    fn handle(
        &mut self,
        state: &mut Self::State,
        event: Event<Self>,
        ctx: &mut Context<'_, Self>,
    ) -> impl Future<Output = Result<Transition<Self>, ExitReason>> + Send;

    /// Runs when the machine has entered a state; OTP's state enter call. `old` is the previous state; `None` when the
    /// machine starts, or [repeats](Transition::repeat) the state. The default does nothing.
    ///
    /// If this callback fails, `terminate` gets the old state.
    fn enter(
        &mut self,
        old: Option<&Self::State>,
        state: &mut Self::State,
        ctx: &mut Context<'_, Self>,
    ) -> impl Future<Output = Result<Entered<Self>, ExitReason>> + Send {
        let _ = (old, state, ctx);
        std::future::ready(Ok(Entered::ok()))
    }

    /// Cleans up before the machine ends; [`GenServer::terminate`](otp_genserver::GenServer::terminate) says when this
    /// runs.
    fn terminate(
        &mut self,
        reason: &ExitReason,
        state: &mut Self::State,
        ctx: &mut Context<'_, Self>,
    ) -> impl Future<Output = Result<(), ExitReason>> + Send {
        let _ = (reason, state, ctx);
        std::future::ready(Ok(()))
    }

    /// Changes data and state on [`sys::change_code`](otp_genserver::sys::change_code), while the machine is suspended.
    /// The machine does not enter the state; timers run on, and postponed events stay postponed.
    ///
    /// # Errors
    ///
    /// The reason why the change is refused. The default accepts it.
    fn code_change(&mut self, state: &mut Self::State, extra: Term) -> Result<(), ExitReason> {
        let _ = (state, extra);
        Ok(())
    }

    /// Formats the machine for [`sys::status`](otp_genserver::sys::status). The default is the state.
    fn format_status(&self, state: &Self::State) -> String {
        format!("{state:?}")
    }

    /// The table of transitions, as a Mermaid state diagram, which [`sys::status`](otp_genserver::sys::status) shows of a
    /// running machine. `#[state_machine]` returns the one that `#[transitions]` writes; the default is `None`.
    fn diagram() -> Option<&'static str> {
        None
    }

    /// Formats a message for the traces of simulated runs. The default shows only its kind.
    ///
    /// # Errors
    ///
    /// Those of the formatter.
    fn format_message(message: &Incoming<'_, Machine<Self>>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match message {
            Incoming::Call(_) => "a call",
            Incoming::Cast(_) => "a cast",
            _ => "an info",
        })
    }

    /// Starts a machine that is linked to no process. Does nothing until it is awaited.
    fn start(on: &impl Spawner, args: Self::Args) -> Start<Machine<Self>> {
        otp_genserver::GenServer::start(on, args)
    }

    /// Starts a machine that is linked to the process that starts it, its parent. Does nothing until it is awaited.
    fn start_link(on: &impl Spawner, args: Self::Args) -> Start<Machine<Self>> {
        otp_genserver::GenServer::start_link(on, args)
    }

    /// Starts a machine that is monitored by `by`, and linked to no process. Does nothing until it is awaited.
    fn start_monitor(by: &Process, args: Self::Args) -> StartMonitor<Machine<Self>> {
        otp_genserver::GenServer::start_monitor(by, args)
    }

    /// Makes the child spec of such a machine; each start uses a clone of `args`. A restart begins with `init`: data,
    /// timers and postponed events are lost.
    fn child(args: Self::Args) -> ServerSpec<Machine<Self>>
    where
        Self::Args: Clone + Sync,
    {
        <Machine<Self> as Supervised>::child(args)
    }

    /// The label of a machine that is given no other: the name of its type.
    fn type_label() -> &'static str {
        otp_behaviour::short_name::<Self>()
    }
}

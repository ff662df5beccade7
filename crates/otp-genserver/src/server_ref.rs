use std::fmt;
use std::time::Duration;

use otp_behaviour::sys::StateOf;
use otp_behaviour::{Parcel, Stop};
use otp_core::{
    Address, Call, ExitReason, Exited, LookupError, Name, Pid, ProcessRef, ReplyTo, System, Target, TimerRef, WrongType,
};

use crate::server::GenServer;

/// Calls, casts to and controls a server. Refers to one process, or through a name or route to the process that holds
/// it at that time. Cheap to clone.
///
/// A reference made from a name, or from the [`Address`] of another route, finds the new server after a restart. A
/// reference to a process does not.
pub struct ServerRef<S: GenServer> {
    address: Address<Envelope<S>>,
}

/// The name of a server of type `S`, under which it can be registered and found.
pub type ServerName<S> = Name<Envelope<S>>;

impl<S: GenServer> ServerRef<S> {
    /// Returns a reference to the server that holds `name` in `system`. Each operation looks up the current holder.
    pub fn named(system: &System, name: ServerName<S>) -> ServerRef<S> {
        ServerRef { address: Address::named(system, name) }
    }

    /// Returns a reference to the server with this pid.
    ///
    /// # Errors
    ///
    /// [`LookupError`] if there is no such process, or it is not a server of this type.
    pub fn of(system: &System, pid: Pid) -> Result<ServerRef<S>, LookupError> {
        ProcessRef::of(system, pid).map(ServerRef::from)
    }

    /// Calls the server and waits for the answer, at most five seconds; see [`Call`] for other timeouts.
    ///
    /// # Errors
    ///
    /// See [`CallError`](otp_core::CallError). A call that times out does not disturb the server: the server still
    /// handles the request, and its reply is dropped.
    pub fn call<R: Send + 'static>(&self, make: impl FnOnce(ReplyTo<R>) -> S::Call) -> Call<Envelope<S>, R> {
        Call::new(&self.address, |from| Envelope::call(make(from)))
    }

    /// Returns an address of this server for another message type: `map` converts each message into one for
    /// `handle_info`. For publishers and timers, which need not know the server. See [`Address::map_message`].
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// # use otp::gen_server::{Context, GenServer, Info, Init, Next, NoMessage};
    /// # use otp::ExitReason;
    /// # struct Trader;
    /// # enum News { Price(u32) }
    /// # impl GenServer for Trader {
    /// #     type Args = ();
    /// #     type Call = NoMessage;
    /// #     type Cast = NoMessage;
    /// #     type Info = News;
    /// #     type Continue = NoMessage;
    /// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
    /// #         Ok(Init::Ok(Trader))
    /// #     }
    /// #     async fn handle_info(&mut self, info: Info<News>, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
    /// #         assert!(matches!(info, Info::Message(News::Price(12))));
    /// #         Ok(Next::Stop(ExitReason::Normal))
    /// #     }
    /// # }
    /// let trader = Trader::start(&system, ()).await.unwrap();
    /// let exited = system.exited(trader.pid().unwrap());
    ///
    /// let prices = trader.info_address(News::Price);
    /// prices.send(12).await.unwrap();
    /// assert_eq!(exited.await, ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn info_address<A: Send + 'static>(&self, map: impl Fn(A) -> S::Info + Send + Sync + 'static) -> Address<A> {
        self.address.map_message(move |message| Envelope::info(map(message)))
    }

    /// Sends `info` to the server after `delay`; see [`System::send_after`].
    pub fn send_after(&self, delay: Duration, info: S::Info) -> TimerRef {
        self.system().send_after(delay, &self.address, Envelope::info(info))
    }

    /// Sends a message that contains the timer's own reference, like [`send_after`](ServerRef::send_after); see
    /// [`System::start_timer`].
    pub fn start_timer(&self, delay: Duration, info: impl FnOnce(TimerRef) -> S::Info) -> TimerRef {
        self.system().start_timer(delay, &self.address, |timer| Envelope::info(info(timer)))
    }

    /// Asks the server to stop, in order with its messages (graceful shutdown), and waits until it has ended; see
    /// [`Stop`].
    pub fn stop(&self) -> Stop {
        Stop::of(&self.address)
    }

    /// Waits for the end of the server and returns its exit reason; `NoProc` if there is no such server. Through a name
    /// it waits for the server that holds the name now, not for its successor.
    pub fn exited(&self) -> Exited {
        self.address.exited()
    }

    /// Waits until there is a server, such as the next holder of a name, and gives a reference to that one; see
    /// [`Address::await_holder`].
    ///
    /// # Errors
    ///
    /// [`WrongType`] if the holder of the name is no server of this type.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves nothing behind.
    pub fn await_holder(&self) -> impl Future<Output = Result<ServerRef<S>, WrongType>> + Send + use<S> {
        let held = self.address.await_holder();
        async move { Ok(ServerRef::from(held.await?)) }
    }

    /// Sends the server an exit signal; see [`System::exit`]. Nothing happens if there is no such server.
    pub fn exit(&self, reason: ExitReason) {
        if let Some(pid) = self.pid() {
            self.system().exit(pid, reason);
        }
    }

    /// Returns the server's pid; `None` if no process holds the name, or a process of another type holds it.
    /// [`Address::pid`] distinguishes these cases.
    pub fn pid(&self) -> Option<Pid> {
        self.address.pid().ok().flatten()
    }

    /// The system that the server belongs to.
    pub fn system(&self) -> &System {
        self.address.system()
    }

    /// The address that receives the server's messages.
    pub fn address(&self) -> &Address<Envelope<S>> {
        &self.address
    }
}

impl<S: GenServer> Clone for ServerRef<S> {
    fn clone(&self) -> ServerRef<S> {
        ServerRef { address: self.address.clone() }
    }
}

impl<S: GenServer> From<ProcessRef<Envelope<S>>> for ServerRef<S> {
    fn from(process: ProcessRef<Envelope<S>>) -> ServerRef<S> {
        ServerRef { address: process.into() }
    }
}

/// Makes a reference from an address, whatever its route.
impl<S: GenServer> From<Address<Envelope<S>>> for ServerRef<S> {
    fn from(address: Address<Envelope<S>>) -> ServerRef<S> {
        ServerRef { address }
    }
}

/// Lets `monitor` and [`sys`](crate::sys) take the reference.
impl<S: GenServer> From<&ServerRef<S>> for Target {
    fn from(server: &ServerRef<S>) -> Target {
        server.address.target()
    }
}

/// Lets [`get_state`](crate::sys::get_state) take the reference.
impl<S: GenServer> From<&ServerRef<S>> for StateOf<S> {
    fn from(server: &ServerRef<S>) -> StateOf<S> {
        StateOf::new(server)
    }
}

impl<S: GenServer> fmt::Debug for ServerRef<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ServerRef({:?})", self.address)
    }
}

/// An element of a server's mailbox; [`ServerRef`] makes and sends it.
///
/// A process that receives envelopes and [opens](Envelope::open) them can stand in for a server, with a state and a
/// loop of its own: a proxy, or a mock. Like every process, it ends on a request to stop.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// # use otp::gen_server::{Context, GenServer, Init, NoMessage};
/// # use otp::{ExitReason, ReplyTo};
/// # struct Clock;
/// # struct Now(ReplyTo<u64>);
/// # impl GenServer for Clock {
/// #     type Args = ();
/// #     type Call = Now;
/// #     type Cast = NoMessage;
/// #     type Info = NoMessage;
/// #     type Continue = NoMessage;
/// #     async fn init((): (), _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
/// #         Ok(Init::Ok(Clock))
/// #     }
/// # }
/// use otp::{Message, ProcessContext};
/// use otp::gen_server::{Envelope, Received, ServerRef};
///
/// let stopped_clock = system.spawn(async |mut ctx: ProcessContext<Envelope<Clock>>| {
///     loop {
///         let Message::User(envelope) = ctx.receive().await else { continue };
///         match envelope.open() {
///             Received::Call(Now(from)) => from.reply(12),
///             _ => {}
///         }
///     }
/// });
/// let clock: ServerRef<Clock> = stopped_clock.into();
/// assert_eq!(clock.call(Now).await, Ok(12));
/// clock.stop().await.unwrap();
/// # }).unwrap();
/// ```
pub struct Envelope<S: GenServer>(Parcel<Received<S>>);

/// The content of an [`Envelope`].
#[non_exhaustive]
pub enum Received<S: GenServer> {
    /// A call, to be answered through the token that it carries.
    Call(S::Call),
    /// A cast.
    Cast(S::Cast),
    /// Any other message.
    Info(S::Info),
}

impl<S: GenServer> Envelope<S> {
    pub(crate) fn call(call: S::Call) -> Envelope<S> {
        Envelope(Parcel::new(Received::Call(call)))
    }

    pub(crate) fn cast(cast: S::Cast) -> Envelope<S> {
        Envelope(Parcel::new(Received::Cast(cast)))
    }

    /// Puts a message into an envelope that arrives at `handle_info`. [`ServerRef::info`] sends it; this is for crates that
    /// send in a way of their own, such as topics.
    pub fn info(info: S::Info) -> Envelope<S> {
        Envelope(Parcel::new(Received::Info(info)))
    }

    /// Returns the message in the envelope.
    #[inline]
    pub fn open(self) -> Received<S> {
        self.0.open()
    }

    /// Borrows the message in the envelope.
    pub fn peek(&self) -> &Received<S> {
        self.0.peek()
    }

    pub(crate) fn into_cast(self) -> S::Cast {
        match self.open() {
            Received::Cast(cast) => cast,
            _ => unreachable!("a cast comes back as it was sent"),
        }
    }

    pub(crate) fn into_info(self) -> S::Info {
        match self.open() {
            Received::Info(info) => info,
            _ => unreachable!("an info comes back as it was sent"),
        }
    }
}

impl<S: GenServer> fmt::Debug for Envelope<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0.peek() {
            Received::Call(_) => "Envelope(call)",
            Received::Cast(_) => "Envelope(cast)",
            Received::Info(_) => "Envelope(info)",
        })
    }
}

use std::fmt;
use std::sync::{Arc, OnceLock};

use otp_behaviour::Stop;
use otp_behaviour::sys::StateOf;
use otp_core::{Call, ExitReason, Exited, Pid, ReplyTo, SendError, System, Target, TrySendError};
use otp_genserver::{Envelope, ServerRef};

use super::adding::{AddHandler, SwapHandler};
use super::calling::CallHandler;
use super::deleting::DeleteHandler;
use super::handler::EventHandler;
use super::manager::{GenEvent, GenEventName};
use super::name::{HandlerId, HandlerName};
use super::next::Swapped;
use super::request::{Ask, CallOne, Request};
use super::successor::Successor;

/// Notifies an event manager, and adds, calls and removes its handlers. Refers to one process, or through a name to the
/// process that holds it at that time. Cheap to clone.
pub struct GenEventRef<E: Send + Sync + 'static> {
    server: ServerRef<GenEvent<E>>,
}

impl<E: Send + Sync + 'static> GenEventRef<E> {
    /// Returns a reference to the manager that holds `name` in `system`. Each operation looks up the current holder.
    pub fn named(system: &System, name: GenEventName<E>) -> GenEventRef<E> {
        GenEventRef { server: ServerRef::named(system, name) }
    }

    /// Sends an event to all handlers, and returns at once; OTP's `notify/2`. An event for a manager that does not exist
    /// vanishes; one that finds a bounded mailbox full is dropped, with a warning in the log.
    pub fn notify(&self, event: E) {
        self.server.cast(event);
    }

    /// Sends an event without waiting, and says if that fails.
    ///
    /// # Errors
    ///
    /// [`TrySendError`] gives the event back when there is no such manager, or its bounded mailbox is full.
    pub fn try_notify(&self, event: E) -> Result<(), TrySendError<E>> {
        self.server.try_cast(event)
    }

    /// Sends an event; waits while a bounded mailbox is full (backpressure).
    ///
    /// # Errors
    ///
    /// [`SendError`] gives the event back when there is no such manager, also if it ends meanwhile.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the event was not sent.
    pub fn notify_when_room(&self, event: E) -> impl Future<Output = Result<(), SendError<E>>> + Send {
        self.server.cast_when_room(event)
    }

    /// Sends an event to all handlers, and waits until they have handled it; OTP's `sync_notify/2`. It waits for at most
    /// five seconds; see [`Call`] for other timeouts.
    ///
    /// # Errors
    ///
    /// See [`CallError`](otp_core::CallError). A handler that notifies its own manager in this way gets
    /// [`CallingSelf`](otp_core::CallError::CallingSelf).
    pub fn sync_notify(&self, event: E) -> Call<Envelope<GenEvent<E>>, ()> {
        self.ask(|from| Ask::SyncNotify(event, from))
    }

    /// Sends a message that arrives at [`handle_info`](EventHandler::handle_info) of all handlers, and returns at once.
    pub fn info(&self, event: E) {
        self.server.info(event);
    }

    /// Calls one handler and waits for its answer, at most five seconds; OTP's `call/3,4`.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::gen_event::{Context, EventHandler, GenEvent, Init, Next};
    /// use otp::{ExitReason, ReplyTo};
    ///
    /// struct Counter(u32);
    ///
    /// struct Count(ReplyTo<u32>);
    ///
    /// impl EventHandler for Counter {
    ///     type Event = String;
    ///     type Args = ();
    ///     type Call = Count;
    ///
    ///     async fn init((): (), _: &mut Context<String>) -> Result<Init<Self>, ExitReason> {
    ///         Ok(Init::Ok(Counter(0)))
    ///     }
    ///
    ///     async fn handle_event(&mut self, _: &String, _: &mut Context<String>) -> Result<Next<Self>, ExitReason> {
    ///         self.0 += 1;
    ///         Ok(Next::ok())
    ///     }
    ///
    ///     async fn handle_call(&mut self, Count(from): Count, _: &mut Context<String>) -> Result<Next<Self>, ExitReason> {
    ///         from.reply(self.0);
    ///         Ok(Next::ok())
    ///     }
    /// }
    ///
    /// let manager = GenEvent::start(&system).await.unwrap();
    /// manager.add_handler(&Counter::HANDLER, ()).await.unwrap();
    /// manager.notify("an event".to_owned());
    /// assert_eq!(manager.call(&Counter::HANDLER, Count).await, Ok(1));
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// See [`CallHandlerError`](super::CallHandlerError). A call that times out does not disturb the handler.
    pub fn call<H, R>(&self, handler: &HandlerName<H>, make: impl FnOnce(ReplyTo<R>) -> H::Call) -> CallHandler<E, R>
    where
        H: EventHandler<Event = E>,
        R: Send + 'static,
    {
        let failure = Arc::new(OnceLock::new());
        let call = self.ask(|from| {
            let (name, failure) = (handler.clone(), failure.clone());
            Ask::Typed(Box::new(CallOne { name, call: make(from), failure }))
        });
        CallHandler { call, failure, handler: handler.id() }
    }

    /// Adds a handler, with the argument of its `init`; OTP's `add_handler/3`. It becomes the first one to get events. Does
    /// nothing until it is awaited.
    ///
    /// As in OTP, a manager can have several handlers of the same name. The newest of them is the one that is called,
    /// swapped and deleted.
    pub fn add_handler<H: EventHandler<Event = E>>(&self, handler: &HandlerName<H>, args: H::Args) -> AddHandler<E> {
        AddHandler::new(self, Successor::first(handler, args))
    }

    /// Removes a handler, after its `terminate`, and returns it; OTP's `delete_handler/3`. Does nothing until it is awaited.
    pub fn delete_handler<H: EventHandler<Event = E>>(&self, handler: &HandlerName<H>) -> DeleteHandler<H> {
        DeleteHandler::new(self, handler)
    }

    /// Replaces a handler by another one, possibly of another type; OTP's `swap_handler/3`. Does nothing until it is awaited.
    ///
    /// `terminate` of the old one runs, and then `init` of the new one, with what `make` returns: it gets the old handler, if
    /// there is one. In the process of the manager. The new one is added even if there is no old one, and becomes the first
    /// to get events. If its `init` fails, the old one is gone all the same. Who owned the old one, if it was
    /// [supervised](AddHandler::supervised), owns the new one.
    pub fn swap_handler<O, N>(
        &self,
        old: &HandlerName<O>,
        new: &HandlerName<N>,
        make: impl FnOnce(Swapped<O>) -> N::Args + Send + 'static,
    ) -> SwapHandler<E>
    where
        O: EventHandler<Event = E>,
        N: EventHandler<Event = E>,
    {
        SwapHandler::new(self, old.id(), Successor::after(new, make))
    }

    /// Returns the handlers, in the order in which they get events: newest first.
    ///
    /// # Errors
    ///
    /// See [`CallError`](otp_core::CallError).
    pub fn which_handlers(&self) -> Call<Envelope<GenEvent<E>>, Vec<HandlerId>> {
        self.ask(Ask::WhichHandlers)
    }

    pub(super) fn ask<R: Send + 'static>(
        &self,
        make: impl FnOnce(ReplyTo<R>) -> Ask<E>,
    ) -> Call<Envelope<GenEvent<E>>, R> {
        self.server.call(|from| Request(make(from)))
    }

    /// Asks the manager to stop, in order with its messages, and waits until it has ended: all handlers are terminated.
    pub fn stop(&self) -> Stop {
        self.server.stop()
    }

    /// Sends the manager an exit signal; see [`System::exit`]. Nothing happens if there is no such manager.
    pub fn exit(&self, reason: ExitReason) {
        self.server.exit(reason);
    }

    /// Waits for the end of the manager and returns its exit reason; `NoProc` if there is no such manager.
    pub fn exited(&self) -> Exited {
        self.server.exited()
    }

    /// Returns the manager's pid; `None` if no such process holds the name.
    pub fn pid(&self) -> Option<Pid> {
        self.server.pid()
    }

    /// The system that the manager belongs to.
    pub fn system(&self) -> &System {
        self.server.system()
    }

    /// The manager as the server that it is.
    pub fn server(&self) -> &ServerRef<GenEvent<E>> {
        &self.server
    }
}

impl<E: Send + Sync + 'static> Clone for GenEventRef<E> {
    fn clone(&self) -> GenEventRef<E> {
        GenEventRef { server: self.server.clone() }
    }
}

/// Makes a reference from that of the server, as a child spec and a [`Context`](super::Context) give it.
impl<E: Send + Sync + 'static> From<ServerRef<GenEvent<E>>> for GenEventRef<E> {
    fn from(server: ServerRef<GenEvent<E>>) -> GenEventRef<E> {
        GenEventRef { server }
    }
}

/// Lets `monitor` and `sys` take the reference.
impl<E: Send + Sync + 'static> From<&GenEventRef<E>> for Target {
    fn from(manager: &GenEventRef<E>) -> Target {
        Target::from(&manager.server)
    }
}

/// Lets `sys::get_state` take the reference.
impl<E: Send + Sync + 'static> From<&GenEventRef<E>> for StateOf<GenEvent<E>> {
    fn from(manager: &GenEventRef<E>) -> StateOf<GenEvent<E>> {
        StateOf::new(manager)
    }
}

impl<E: Send + Sync + 'static> fmt::Debug for GenEventRef<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GenEventRef({:?})", self.server.address())
    }
}

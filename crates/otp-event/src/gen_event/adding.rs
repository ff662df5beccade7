use std::fmt;
use std::pin::Pin;

use otp_core::{Address, ReplyTo, Term};

use super::error::AddHandlerError;
use super::handlers::Owner;
use super::manager_ref::GenEventRef;
use super::name::HandlerId;
use super::removal::HandlerExit;
use super::request::{Add, Ask, Swap};
use super::successor::Successor;

/// Adds a handler when it is awaited; made by [`GenEventRef::add_handler`].
///
/// # Errors
///
/// See [`AddHandlerError`]. The request has no time limit, as in OTP.
///
/// # Cancel safety
///
/// If the future is dropped after it was polled, the handler may still be added.
#[must_use = "a handler is added when this is awaited"]
pub struct AddHandler<E: Send + Sync + 'static> {
    manager: GenEventRef<E>,
    new: Successor<E>,
    owner: Option<Address<HandlerExit>>,
}

/// Swaps a handler for another one when it is awaited; made by [`GenEventRef::swap_handler`].
///
/// # Errors
///
/// See [`AddHandlerError`]. The request has no time limit, as in OTP.
///
/// # Cancel safety
///
/// If the future is dropped after it was polled, the handlers may still be swapped.
#[must_use = "a handler is swapped when this is awaited"]
pub struct SwapHandler<E: Send + Sync + 'static> {
    add: AddHandler<E>,
    old: HandlerId,
    args: Term,
}

impl<E: Send + Sync + 'static> AddHandler<E> {
    pub(super) fn new(manager: &GenEventRef<E>, new: Successor<E>) -> AddHandler<E> {
        AddHandler { manager: manager.clone(), new, owner: None }
    }

    /// Ties the handler to a process, its owner; OTP's `add_sup_handler/3`. The owner gets a [`HandlerExit`] when the handler
    /// goes, for whichever reason. When the owner ends, the handler is removed.
    ///
    /// The address is mapped to the message type of its process, as by `server.info_address(..)`. The message is sent
    /// without waiting: one that finds a bounded mailbox full is lost. The manager links itself to the owner: if the manager
    /// is killed, the owner gets its exit signal and no message.
    ///
    /// ```
    /// # use otp::gen_event::{Context, EventHandler, Init, Next};
    /// # use otp::ExitReason;
    /// # struct Alarm;
    /// # impl EventHandler for Alarm {
    /// #     type Event = u32;
    /// #     type Args = ();
    /// #     type Call = otp::gen_server::NoMessage;
    /// #     async fn init((): (), _: &mut Context<u32>) -> Result<Init<Self>, ExitReason> {
    /// #         Ok(Init::Ok(Alarm))
    /// #     }
    /// #     async fn handle_event(&mut self, event: &u32, _: &mut Context<u32>) -> Result<Next<Self>, ExitReason> {
    /// #         assert!(*event < 100);
    /// #         Ok(Next::ok())
    /// #     }
    /// # }
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::gen_event::{GenEvent, HandlerExit, HandlerExitReason};
    /// use otp::{Address, Message, ProcessContext};
    ///
    /// enum News {
    ///     Handler(HandlerExit),
    /// }
    ///
    /// # system.on_event(|_| ()).forever();
    /// let manager = GenEvent::start(&system).await.unwrap();
    /// let managed = manager.clone();
    /// let owner = system.spawn(async move |mut ctx: ProcessContext<News>| {
    ///     let this = Address::from(ctx.this()).map_message(News::Handler);
    ///     managed.add_handler(&Alarm::HANDLER, ()).supervised(this).await.unwrap();
    ///     managed.notify(100);
    ///     let Message::User(News::Handler(exit)) = ctx.receive().await else { panic!("no news") };
    ///     assert!(exit.handler == Alarm::HANDLER.id() && matches!(exit.reason, HandlerExitReason::Crashed(_)));
    /// });
    /// assert_eq!(owner.exited().await, ExitReason::Normal);
    /// # }).unwrap();
    /// ```
    pub fn supervised(self, owner: impl Into<Address<HandlerExit>>) -> AddHandler<E> {
        AddHandler { owner: Some(owner.into()), ..self }
    }

    async fn run(self) -> Result<(), AddHandlerError> {
        let AddHandler { manager, new, owner } = self;
        let owner = find(owner, &new.id)?;
        asked(&manager, |from| Ask::Typed(Box::new(Add { new, owner, from }))).await
    }
}

impl<E: Send + Sync + 'static> SwapHandler<E> {
    pub(super) fn new(manager: &GenEventRef<E>, old: HandlerId, new: Successor<E>) -> SwapHandler<E> {
        SwapHandler { add: AddHandler::new(manager, new), old, args: Term::new(()) }
    }

    /// Sets the argument of the old handler's `terminate`; see [`Removal::Deleted`](super::Removal::Deleted).
    pub fn args(self, args: Term) -> SwapHandler<E> {
        SwapHandler { args, ..self }
    }

    /// Ties the new handler to a process; OTP's `swap_sup_handler/3`. See [`AddHandler::supervised`].
    pub fn supervised(self, owner: impl Into<Address<HandlerExit>>) -> SwapHandler<E> {
        SwapHandler { add: self.add.supervised(owner), ..self }
    }

    async fn run(self) -> Result<(), AddHandlerError> {
        let SwapHandler { add: AddHandler { manager, new, owner }, old, args } = self;
        let owner = find(owner, &new.id)?;
        asked(&manager, |from| Ask::Typed(Box::new(Swap { old, args, new, owner, from }))).await
    }
}

async fn asked<E: Send + Sync + 'static>(
    manager: &GenEventRef<E>,
    ask: impl FnOnce(ReplyTo<Result<(), AddHandlerError>>) -> Ask<E>,
) -> Result<(), AddHandlerError> {
    manager.ask(ask).no_timeout().flat().await
}

/// The process behind the address of an owner.
fn find(owner: Option<Address<HandlerExit>>, handler: &HandlerId) -> Result<Option<Owner>, AddHandlerError> {
    let Some(to) = owner else { return Ok(None) };
    let found = to.find().ok().flatten().and_then(|found| Some(Owner { pid: found.pid().ok()??, to: found }));
    let found = found.filter(|owner| to.system().is_alive(owner.pid));
    let missing = || AddHandlerError::NoOwner { handler: handler.clone(), owner: to.target() };
    found.ok_or_else(missing).map(Some)
}

impl<E: Send + Sync + 'static> IntoFuture for AddHandler<E> {
    type Output = Result<(), AddHandlerError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<E: Send + Sync + 'static> IntoFuture for SwapHandler<E> {
    type Output = Result<(), AddHandlerError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<E: Send + Sync + 'static> fmt::Debug for AddHandler<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AddHandler({} to {:?})", self.new.id, self.manager)
    }
}

impl<E: Send + Sync + 'static> fmt::Debug for SwapHandler<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SwapHandler({} for {} in {:?})", self.add.new.id, self.old, self.add.manager)
    }
}

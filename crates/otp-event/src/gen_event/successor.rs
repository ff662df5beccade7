use std::any::Any;

use futures::future::BoxFuture;
use otp_behaviour::contain_future;
use otp_core::ExitReason;

use super::handler::{Context, EventHandler};
use super::name::{HandlerId, HandlerName};
use super::next::{Init, Swapped};
use super::running::Running;

/// A handler that is to be added, without its type.
pub(super) struct Successor<E: Send + Sync + 'static> {
    pub(super) id: HandlerId,
    init: Box<Begin<E>>,
}

type Begin<E> = dyn for<'a> FnOnce(Old, &'a mut Context<E>) -> BoxFuture<'a, Result<Begun<E>, InitFailure>> + Send;

/// The handler whose place it takes, of a type that it knows.
pub(super) type Old = Swapped<Box<dyn Any + Send>>;

/// A handler whose `init` is done.
pub(super) struct Begun<E: Send + Sync + 'static> {
    pub(super) handler: Running<E>,
    pub(super) hibernates: bool,
}

/// Why a handler is not added.
#[derive(Clone)]
pub(super) enum InitFailure {
    Refused(ExitReason),
    Crashed(ExitReason),
}

impl<E: Send + Sync + 'static> Successor<E> {
    /// A handler that takes no other's place.
    pub(super) fn first<N: EventHandler<Event = E>>(name: &HandlerName<N>, args: N::Args) -> Successor<E> {
        Successor { id: name.id(), init: Box::new(|_, ctx| Box::pin(begin::<N>(|| args, ctx))) }
    }

    /// A handler that takes the place of one of type `O`.
    pub(super) fn after<N: EventHandler<Event = E>, O: 'static>(
        name: &HandlerName<N>,
        make: impl FnOnce(Swapped<O>) -> N::Args + Send + 'static,
    ) -> Successor<E> {
        Successor { id: name.id(), init: Box::new(|old, ctx| Box::pin(begin::<N>(|| make(old.downcast()), ctx))) }
    }

    /// Runs its `init`.
    pub(super) fn init<'a>(self, old: Old, ctx: &'a mut Context<E>) -> BoxFuture<'a, Result<Begun<E>, InitFailure>> {
        (self.init)(old, ctx)
    }
}

async fn begin<N: EventHandler>(
    args: impl FnOnce() -> N::Args + Send,
    ctx: &mut Context<N::Event>,
) -> Result<Begun<N::Event>, InitFailure> {
    let begun = |handler, hibernates| Ok(Begun { handler: Running::new(handler), hibernates });
    match contain_future(|| N::init(args(), ctx)).await {
        Ok(Ok(Init::Ok(handler))) => begun(handler, false),
        Ok(Ok(Init::Hibernate(handler))) => begun(handler, true),
        Ok(Ok(Init::Refuse(reason))) => Err(InitFailure::Refused(reason)),
        Ok(Err(reason)) => Err(InitFailure::Crashed(reason)),
        Err(crash) => Err(InitFailure::Crashed(ExitReason::Error(crash))),
    }
}

impl Old {
    fn downcast<O: 'static>(self) -> Swapped<O> {
        match self {
            Swapped::Handler(old) => old.downcast().map_or(Swapped::Absent, |old| Swapped::Handler(*old)),
            Swapped::Absent => Swapped::Absent,
            Swapped::Crashed(reason) => Swapped::Crashed(reason),
        }
    }
}

impl InitFailure {
    pub(super) fn reason(&self) -> &ExitReason {
        match self {
            InitFailure::Refused(reason) | InitFailure::Crashed(reason) => reason,
        }
    }
}

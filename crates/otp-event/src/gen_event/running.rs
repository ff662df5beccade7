use std::any::{Any, type_name};

use futures::future::BoxFuture;
use otp_behaviour::{contain, contain_future, short_name};
use otp_core::{Crash, Doing, ExitReason, Term};
use otp_genserver::Info;

use super::handler::{Context, EventHandler};
use super::next::Then;
use super::removal::Removal;
use crate::quietly::quietly;

/// The state of a handler in a manager, without its type. A panic in its drop is contained: it must not keep the other
/// handlers from being dropped.
pub(super) struct Running<E: Send + Sync + 'static>(Option<Box<dyn AnyHandler<E>>>);

/// The callbacks of a handler. A panic in one is contained, and becomes a reason.
pub(super) trait AnyHandler<E: Send + Sync + 'static>: Any + Send {
    fn run_event<'a>(&'a mut self, event: &'a E, ctx: &'a mut Context<E>) -> BoxFuture<'a, Decided<E>>;

    fn run_info<'a>(&'a mut self, info: &'a Info<E>, ctx: &'a mut Context<E>) -> BoxFuture<'a, Decided<E>>;

    fn run_terminate<'a>(
        &'a mut self,
        why: &'a Removal,
        ctx: &'a mut Context<E>,
    ) -> BoxFuture<'a, Result<(), ExitReason>>;

    fn change_code(&mut self, extra: Term) -> Result<(), ExitReason>;

    fn status(&self) -> String;

    /// The status, if the handler formats one: by default it is the name of its type.
    fn own_status(&self) -> Option<String>;

    fn as_any(&self) -> &dyn Any;

    fn as_any_mut(&mut self) -> &mut dyn Any;

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send>;
}

/// What a callback decided, or why it failed.
pub(super) type Decided<E> = Result<Then<E>, ExitReason>;

impl<E: Send + Sync + 'static> Running<E> {
    pub(super) fn new<H: EventHandler<Event = E>>(handler: H) -> Running<E> {
        Running(Some(Box::new(handler)))
    }

    pub(super) fn handler(&self) -> &dyn AnyHandler<E> {
        self.0.as_deref().expect(TAKEN)
    }

    pub(super) fn handler_mut(&mut self) -> &mut dyn AnyHandler<E> {
        self.0.as_deref_mut().expect(TAKEN)
    }

    pub(super) fn into_any(mut self) -> Box<dyn Any + Send> {
        self.0.take().expect(TAKEN).into_any()
    }
}

const TAKEN: &str = "a handler is only taken out at its end";

impl<E: Send + Sync + 'static> Drop for Running<E> {
    fn drop(&mut self) {
        let handler = self.0.take();
        quietly(|| drop(handler));
    }
}

impl<H: EventHandler> AnyHandler<H::Event> for H {
    fn run_event<'a>(
        &'a mut self,
        event: &'a H::Event,
        ctx: &'a mut Context<H::Event>,
    ) -> BoxFuture<'a, Decided<H::Event>> {
        ctx.set_doing(Doing::new(short_name::<H>));
        Box::pin(async move {
            let done = contain_future(|| self.handle_event(event, ctx)).await;
            failing(done).map(|next| next.then)
        })
    }

    fn run_info<'a>(
        &'a mut self,
        info: &'a Info<H::Event>,
        ctx: &'a mut Context<H::Event>,
    ) -> BoxFuture<'a, Decided<H::Event>> {
        ctx.set_doing(Doing::new(short_name::<H>));
        Box::pin(async move {
            let done = contain_future(|| self.handle_info(info, ctx)).await;
            failing(done).map(|next| next.then)
        })
    }

    fn run_terminate<'a>(
        &'a mut self,
        why: &'a Removal,
        ctx: &'a mut Context<H::Event>,
    ) -> BoxFuture<'a, Result<(), ExitReason>> {
        ctx.set_doing(Doing::new(short_name::<H>));
        Box::pin(async move { failing(contain_future(|| self.terminate(why, ctx)).await) })
    }

    fn change_code(&mut self, extra: Term) -> Result<(), ExitReason> {
        failing(contain(|| self.code_change(extra)))
    }

    fn status(&self) -> String {
        contain(|| self.format_status()).unwrap_or_else(|crash| crash.to_string())
    }

    fn own_status(&self) -> Option<String> {
        Some(self.status()).filter(|status| status != type_name::<H>())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any + Send> {
        self
    }
}

/// A panic is a failure with that crash as its reason.
pub(super) fn failing<T>(done: Result<Result<T, ExitReason>, Crash>) -> Result<T, ExitReason> {
    done.unwrap_or_else(|crash| Err(ExitReason::Error(crash)))
}

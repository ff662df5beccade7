use std::any::type_name;

use otp_core::{ExitReason, Term};
use otp_genserver::Info;

use super::manager::GenEvent;
use super::name::HandlerName;
use super::next::{Init, Next};
use super::removal::Removal;

/// Gives a handler access to the process of its manager: the [context of a server](otp_genserver::Context). What a handler
/// links, monitors or spawns, the manager does.
pub type Context<E> = otp_genserver::Context<GenEvent<E>>;

/// Defines an event handler, OTP's `gen_event` behaviour: its state is the implementing type, and its callbacks run in the
/// process of the manager that it was added to.
///
/// Handlers of different types can be in one manager if they have the same [`Event`](EventHandler::Event). The callbacks of
/// all handlers of a manager never overlap. One that waits holds up the others, and so the whole manager.
///
/// A callback that panics or returns an error removes its handler: [`terminate`](EventHandler::terminate) runs, the crash
/// is reported, and the manager goes on with the other handlers and the same event.
pub trait EventHandler: Sized + Send + 'static {
    /// The events. Every handler of a manager gets a reference to each.
    type Event: Send + Sync + 'static;
    /// The argument of [`init`](EventHandler::init).
    type Args: Send + 'static;
    /// The calls to this handler alone: an enum whose variants carry a [`ReplyTo`](otp_core::ReplyTo).
    /// [`NoMessage`](otp_genserver::NoMessage) if it has none.
    type Call: Send + 'static;

    /// The name of a handler of this type that is given no other.
    const HANDLER: HandlerName<Self> = HandlerName::unnamed();

    /// Makes the state. A handler whose `init` fails is not added; who adds it gets the reason.
    fn init(
        args: Self::Args,
        ctx: &mut Context<Self::Event>,
    ) -> impl Future<Output = Result<Init<Self>, ExitReason>> + Send;

    /// Handles an event.
    fn handle_event(
        &mut self,
        event: &Self::Event,
        ctx: &mut Context<Self::Event>,
    ) -> impl Future<Output = Result<Next<Self>, ExitReason>> + Send;

    /// Handles a call to this handler. The reply goes through the [`ReplyTo`](otp_core::ReplyTo) that the call carries, now
    /// or later. The default fails, which removes the handler.
    fn handle_call(
        &mut self,
        call: Self::Call,
        ctx: &mut Context<Self::Event>,
    ) -> impl Future<Output = Result<Next<Self>, ExitReason>> + Send {
        drop((call, ctx));
        std::future::ready(Err(ExitReason::crash(format!("{} does not implement handle_call", type_name::<Self>()))))
    }

    /// Handles what is no event, and all handlers get as well: an exit signal that the manager receives, the end of a
    /// process that it monitors, a timer of its process, or an event that came as a [plain message](super::GenEventRef::info).
    /// The default does nothing.
    fn handle_info(
        &mut self,
        info: &Info<Self::Event>,
        ctx: &mut Context<Self::Event>,
    ) -> impl Future<Output = Result<Next<Self>, ExitReason>> + Send {
        let _ = (info, ctx);
        std::future::ready(Ok(Next::ok()))
    }

    /// Cleans up when the handler has been removed, or the manager stops; it says which. It does not run when the manager is
    /// killed. The default does nothing.
    ///
    /// What OTP's callback returns is the handler itself here: who [deletes](super::GenEventRef::delete_handler) a handler
    /// gets it, with what this callback left in it.
    fn terminate(
        &mut self,
        why: &Removal,
        ctx: &mut Context<Self::Event>,
    ) -> impl Future<Output = Result<(), ExitReason>> + Send {
        let _ = (why, ctx);
        std::future::ready(Ok(()))
    }

    /// Changes the state on [`sys::change_code`](otp_behaviour::sys::change_code), while the manager is suspended. Each
    /// handler gets it, newest first, until one refuses.
    ///
    /// # Errors
    ///
    /// The reason why the change is refused. The default accepts it.
    fn code_change(&mut self, extra: Term) -> Result<(), ExitReason> {
        drop(extra);
        Ok(())
    }

    /// Formats the state for [`sys::status`](otp_behaviour::sys::status). The default is the name of its type.
    fn format_status(&self) -> String {
        type_name::<Self>().to_owned()
    }
}

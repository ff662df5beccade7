use std::fmt;
use std::pin::Pin;

use otp_core::Term;

use super::error::DeleteHandlerError;
use super::handler::EventHandler;
use super::manager_ref::GenEventRef;
use super::name::HandlerName;
use super::request::{Ask, Delete};

/// Deletes a handler when it is awaited, and returns it; made by [`GenEventRef::delete_handler`].
///
/// # Errors
///
/// See [`DeleteHandlerError`]. The request has no time limit, as in OTP.
///
/// # Cancel safety
///
/// If the future is dropped after it was polled, the handler may still be deleted.
#[must_use = "a handler is deleted when this is awaited"]
pub struct DeleteHandler<H: EventHandler> {
    manager: GenEventRef<H::Event>,
    name: HandlerName<H>,
    args: Term,
}

impl<H: EventHandler> DeleteHandler<H> {
    pub(super) fn new(manager: &GenEventRef<H::Event>, name: &HandlerName<H>) -> DeleteHandler<H> {
        DeleteHandler { manager: manager.clone(), name: name.clone(), args: Term::new(()) }
    }

    /// Sets the argument of `terminate`; see [`Removal::Deleted`](super::Removal::Deleted).
    pub fn args(self, args: Term) -> DeleteHandler<H> {
        DeleteHandler { args, ..self }
    }

    async fn run(self) -> Result<H, DeleteHandlerError> {
        let DeleteHandler { manager, name, args } = self;
        let deleted = manager.ask(|from| Ask::Typed(Box::new(Delete { name, args, from }))).no_timeout();
        deleted.flat().await
    }
}

impl<H: EventHandler> IntoFuture for DeleteHandler<H> {
    type Output = Result<H, DeleteHandlerError>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl<H: EventHandler> fmt::Debug for DeleteHandler<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DeleteHandler({} of {:?})", self.name, self.manager)
    }
}

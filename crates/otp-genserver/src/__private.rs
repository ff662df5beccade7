//! The code that `#[gen_server]` expands to. This module is not part of the public API and may change in any release.
//!
//! A method of a server may return less than a callback of [`GenServer`]: `Self` instead of `Result<Init<Self>,
//! ExitReason>`, or nothing at all. The macro only sees the tokens of a return type, which may be an alias, so these
//! traits convert the type itself.

use std::error::Error;
use std::fmt;

use otp_core::{Down, Exit};
use tracing::field::display;

use crate::{Context, ExitReason, GenServer, Info, Init, Next, ServerRef};

/// What any error becomes, also one of `anyhow`, a text, and an [`ExitReason`].
type BoxError = Box<dyn Error + Send + Sync>;

/// The return types that `#[init]` accepts.
#[diagnostic::on_unimplemented(
    message = "`#[init]` cannot return `{Self}`",
    label = "return `Self`, `Init<Self>`, or a `Result` of one of them",
    note = "the error of the `Result` has to be an error, a text, or an `ExitReason`"
)]
pub trait IntoInit<S: GenServer> {
    /// Converts to the result of [`GenServer::init`].
    #[track_caller]
    fn into_init(self) -> Result<Init<S>, ExitReason>;
}

impl<S: GenServer> IntoInit<S> for S {
    #[track_caller]
    fn into_init(self) -> Result<Init<S>, ExitReason> {
        Ok(Init::Ok(self))
    }
}

impl<S: GenServer> IntoInit<S> for Init<S> {
    #[track_caller]
    fn into_init(self) -> Result<Init<S>, ExitReason> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<S: GenServer, E: Into<BoxError>> IntoInit<S> for Result<S, E> {
    #[track_caller]
    fn into_init(self) -> Result<Init<S>, ExitReason> {
        match self {
            Ok(state) => Ok(Init::Ok(state)),
            Err(error) => Err(ExitReason::error(error)),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<S: GenServer, E: Into<BoxError>> IntoInit<S> for Result<Init<S>, E> {
    #[track_caller]
    fn into_init(self) -> Result<Init<S>, ExitReason> {
        match self {
            Ok(done) => Ok(done),
            Err(error) => Err(ExitReason::error(error)),
        }
    }
}

/// The return types of a method without a reply: a cast, an info, a continuation, a call with a `ReplyTo`.
#[diagnostic::on_unimplemented(
    message = "a method without a reply of its own cannot return `{Self}`",
    label = "return nothing, `Next<Self>`, or a `Result` of one of them",
    note = "the error of the `Result` has to be an error, a text, or an `ExitReason`; it ends the server"
)]
pub trait IntoNext<S: GenServer> {
    /// Converts to the result of a callback of [`GenServer`].
    #[track_caller]
    fn into_next(self) -> Result<Next<S>, ExitReason>;
}

impl<S: GenServer> IntoNext<S> for () {
    #[track_caller]
    fn into_next(self) -> Result<Next<S>, ExitReason> {
        Ok(Next::Receive)
    }
}

impl<S: GenServer> IntoNext<S> for Next<S> {
    #[track_caller]
    fn into_next(self) -> Result<Next<S>, ExitReason> {
        Ok(self)
    }
}

#[diagnostic::do_not_recommend]
impl<S: GenServer, E: Into<BoxError>> IntoNext<S> for Result<(), E> {
    #[track_caller]
    fn into_next(self) -> Result<Next<S>, ExitReason> {
        match self {
            Ok(()) => Ok(Next::Receive),
            Err(error) => Err(ExitReason::error(error)),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<S: GenServer, E: Into<BoxError>> IntoNext<S> for Result<Next<S>, E> {
    #[track_caller]
    fn into_next(self) -> Result<Next<S>, ExitReason> {
        match self {
            Ok(done) => Ok(done),
            Err(error) => Err(ExitReason::error(error)),
        }
    }
}

/// The return types that `#[terminate]` accepts.
#[diagnostic::on_unimplemented(
    message = "`#[terminate]` cannot return `{Self}`",
    label = "return nothing, or a `Result<(), E>`",
    note = "the error of the `Result` has to be an error, a text, or an `ExitReason`"
)]
pub trait IntoTerminated {
    /// Converts to the result of [`GenServer::terminate`].
    #[track_caller]
    fn into_terminated(self) -> Result<(), ExitReason>;
}

impl IntoTerminated for () {
    #[track_caller]
    fn into_terminated(self) -> Result<(), ExitReason> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> IntoTerminated for Result<(), E> {
    #[track_caller]
    fn into_terminated(self) -> Result<(), ExitReason> {
        match self {
            Ok(done) => Ok(done),
            Err(error) => Err(ExitReason::error(error)),
        }
    }
}

/// The types that a message or a reply may be made of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be part of a message, which goes to another thread",
    label = "use a type that is `Send`: `Arc` instead of `Rc`, `Box<dyn … + Send>` instead of `Box<dyn …>`"
)]
pub trait Part {}

#[diagnostic::do_not_recommend]
impl<T: Send> Part for T {}

/// Asserts that `T` can be part of a message.
pub const fn part<T: Part>() {}

/// The supertrait of each client trait. Only a server's reference implements it, so that a new call of a server breaks
/// nobody's code; others implement a protocol.
pub trait Client<S: GenServer> {}

impl<S: GenServer> Client<S> for ServerRef<S> {}

/// Shows an argument of a message as its type allows: `(&Show(&argument)).show()`, with both traits in scope, is the
/// argument if its type is `Debug`, and `..` otherwise.
#[derive(Debug)]
#[expect(clippy::exhaustive_structs, reason = "the macro makes it")]
pub struct Show<'a, T>(pub &'a T);

/// Shows a value that is `Debug`. Takes precedence over [`ShowOther`], because it needs one reference less.
pub trait ShowDebug {
    /// The argument.
    fn show(&self) -> &dyn fmt::Debug;
}

impl<T: fmt::Debug> ShowDebug for Show<'_, T> {
    fn show(&self) -> &dyn fmt::Debug {
        self.0
    }
}

/// Shows a value that is not `Debug` as dots.
pub trait ShowOther {
    /// Dots.
    fn show(&self) -> &dyn fmt::Debug;
}

impl<T> ShowOther for &Show<'_, T> {
    fn show(&self) -> &dyn fmt::Debug {
        &Dots
    }
}

/// A function that shows a reply as its type allows, for [`ReplyTo::reply_shown`](crate::ReplyTo::reply_shown).
#[doc(hidden)]
#[macro_export]
macro_rules! __shown {
    () => {
        |reply, f| {
            #[allow(unused_imports)]
            use $crate::__private::{Show, ShowDebug as _, ShowOther as _};
            #[allow(clippy::needless_borrow)]
            ::core::fmt::Debug::fmt((&Show(reply)).show(), f)
        }
    };
}

pub use crate::__shown as shown;

struct Dots;

impl fmt::Debug for Dots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("..")
    }
}

/// Logs an info message that the server has no method for, and drops it. The default of [`GenServer::handle_info`] does
/// the same.
///
/// # Errors
///
/// Never; the return type is that of the callback.
pub fn unhandled_info<S: GenServer>(info: Info<S::Info>, ctx: &Context<S>) -> Result<Next<S>, ExitReason> {
    let (pid, server) = (ctx.pid(), std::any::type_name::<S>());
    let label = || ctx.system().info(pid)?.label.map(display);
    match &info {
        Info::Message(_) => {
            tracing::warn!(target: "otp::gen_server", %pid, label = label(), server, "a message is not handled");
        }
        Info::Down(Down { target, reason, .. }) => tracing::warn!(
            target: "otp::gen_server", %pid, label = label(), server, from = %target, %reason, "a down is not handled"
        ),
        Info::Exit(Exit { from, reason, .. }) => tracing::warn!(
            target: "otp::gen_server", %pid, label = label(), server, %from, %reason, "an exit is not handled"
        ),
        Info::Timer(timer) => {
            tracing::warn!(target: "otp::gen_server", %pid, label = label(), server, ?timer, "a timer is not handled");
        }
        Info::Timeout => {
            tracing::warn!(target: "otp::gen_server", %pid, label = label(), server, "a timeout is not handled");
        }
    }
    Ok(Next::Receive)
}

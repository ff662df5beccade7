//! System messages, which every server understands: look at its state, suspend it, resume it; OTP's `sys`.
//!
//! They take their turn among the server's messages. A suspended server handles nothing else; other messages wait.
//! The bound of a mailbox does not hold for them: a server whose mailbox has filled up while it was suspended can be
//! resumed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use otp_core::{Call, CallError, Crash, ExitReason, ReplyTo, Term};

use crate::context::Context;
use crate::server::GenServer;
use crate::server_ref::{Envelope, ServerRef};

/// Whether a server handles its messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// It does.
    Running,
    /// Only system messages.
    Suspended,
}

/// What [`status`] tells of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerStatus {
    /// Whether it handles its messages.
    pub mode: Mode,
    /// Its state, as its `format_status` shows it.
    pub state: String,
}

/// Looks at the state of a server: `look` runs in the server, and what it returns comes back.
///
/// # Errors
///
/// See [`CallError`]. If `look` panics the server goes on, and the call fails with `NoReply`.
pub fn get_state<S: GenServer, T: Send + 'static>(
    server: &ServerRef<S>,
    look: impl FnOnce(&S) -> T + Send + 'static,
) -> Call<Envelope<S>, T> {
    replace_state(server, |state| look(state))
}

/// Changes the state of a server: `change` runs in the server, and what it returns comes back.
///
/// # Errors
///
/// See [`CallError`]. If `change` panics the server goes on with the state as `change` left it, and the call fails
/// with `NoReply`.
pub fn replace_state<S: GenServer, T: Send + 'static>(
    server: &ServerRef<S>,
    change: impl FnOnce(&mut S) -> T + Send + 'static,
) -> Call<Envelope<S>, T> {
    request(server, |from| SystemMessage::State(Box::new(move |state| from.reply(change(state)))))
}

/// Has a server handle nothing but system messages, until it is resumed. Doing so twice is the same as once.
///
/// # Errors
///
/// See [`CallError`].
pub fn suspend<S: GenServer>(server: &ServerRef<S>) -> Call<Envelope<S>, ()> {
    request(server, |from| SystemMessage::Mode(Mode::Suspended, from))
}

/// Ends a suspension.
///
/// # Errors
///
/// See [`CallError`].
pub fn resume<S: GenServer>(server: &ServerRef<S>) -> Call<Envelope<S>, ()> {
    request(server, |from| SystemMessage::Mode(Mode::Running, from))
}

/// Asks how a server is. If its `format_status` panics, the panic's message is the state that is shown.
///
/// # Errors
///
/// See [`CallError`].
pub fn status<S: GenServer>(server: &ServerRef<S>) -> Call<Envelope<S>, ServerStatus> {
    request(server, SystemMessage::Status)
}

/// Has a suspended server run its `code_change`.
///
/// # Errors
///
/// [`CodeChangeError`]; a `code_change` that panics refuses. The server goes on with the state that it had, if its
/// `code_change` left that alone.
pub async fn change_code<S: GenServer>(server: &ServerRef<S>, extra: Term) -> Result<(), CodeChangeError> {
    request(server, |from| SystemMessage::CodeChange(extra, from)).await.map_err(CodeChangeError::Call)?
}

/// Why a server did not change its code.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CodeChangeError {
    /// The server was not asked.
    #[error(transparent)]
    Call(CallError),
    /// It is not suspended.
    #[error("the server is not suspended")]
    NotSuspended,
    /// Its `code_change` refused.
    #[error("the server refused the change: {0}")]
    Refused(ExitReason),
}

fn request<S: GenServer, R: Send + 'static>(
    server: &ServerRef<S>,
    make: impl FnOnce(ReplyTo<R>) -> SystemMessage<S>,
) -> Call<Envelope<S>, R> {
    Call::new(server.address(), |from| Envelope::system(make(from))).beyond_bound()
}

/// A system message.
pub(crate) enum SystemMessage<S> {
    Stop(ExitReason),
    Mode(Mode, ReplyTo<()>),
    State(Box<dyn FnOnce(&mut S) + Send>),
    Status(ReplyTo<ServerStatus>),
    CodeChange(Term, ReplyTo<Result<(), CodeChangeError>>),
}

impl<S: GenServer> SystemMessage<S> {
    /// Does what is asked; the reason, if the server is to stop.
    pub(crate) fn handle(self, state: &mut S, mode: &mut Mode, ctx: &Context<S>) -> Option<ExitReason> {
        match self {
            SystemMessage::Stop(reason) => return Some(reason),
            SystemMessage::Mode(new, from) => {
                *mode = new;
                from.reply(());
            }
            // If it panics the reply token goes with it, which tells the caller.
            SystemMessage::State(act) => drop(contained(ctx, || act(state))),
            SystemMessage::Status(from) => {
                let shown = contained(ctx, || state.format_status());
                from.reply(ServerStatus { mode: *mode, state: shown.unwrap_or_else(|crash| crash.to_string()) });
            }
            SystemMessage::CodeChange(extra, from) => from.reply(match *mode {
                Mode::Suspended => contained(ctx, || state.code_change(extra))
                    .unwrap_or_else(|crash| Err(ExitReason::Error(crash)))
                    .map_err(CodeChangeError::Refused),
                Mode::Running => Err(CodeChangeError::NotSuspended),
            }),
        }
        None
    }
}

/// Runs code of the server's on behalf of somebody else; a panic does not end the server.
fn contained<S: GenServer, T>(ctx: &Context<S>, act: impl FnOnce() -> T) -> Result<T, Crash> {
    catch_unwind(AssertUnwindSafe(act)).map_err(|panic| {
        let crash = Crash::from_panic(panic);
        ctx.system().report_crash(&crash);
        crash
    })
}

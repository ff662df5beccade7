use std::fmt;
use std::sync::Arc;

use otp_core::behaviour::{Act, shown};
use otp_core::runtime::Instant;
use otp_core::{Pid, Process};

/// A step of a server, for debug functions: a message that it handles, an answer, or its state after a message.
///
/// The texts are those of the server: of `format_message`, of the `Debug` of an answer or the name of its type, and of
/// `format_status`. They are cut at [`TEXT`](SysEvent::TEXT) bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SysEvent {
    /// The server.
    pub process: Pid,
    /// When it happened, on the clock of the system.
    pub at: Instant,
    /// What happened.
    pub what: What,
    /// How many steps before this one were not told, because of the rate of the [`Limit`](super::Limit), or because a
    /// [`Trace`](super::Trace) was not read in time.
    pub skipped: u64,
}

/// What a server did; see [`SysEvent`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// It begins to handle a message, an exit signal, a down, or a timeout.
    In(Arc<str>),
    /// It answers a call, with a reply.
    Out(Arc<str>),
    /// It has handled a message, and has this state.
    State(Arc<str>),
}

impl SysEvent {
    /// The number of bytes at which a text is cut, so that a large message or state costs no more than that.
    pub const TEXT: usize = 1024;

    pub(super) fn of(act: &Act<'_>, process: &Process) -> Option<SysEvent> {
        let what = match act {
            Act::Handles(message) => What::In(text(*message)),
            Act::Replies(answer) => What::Out(text(*answer)),
            Act::Rests(state) => What::State(text(*state)),
            _ => return None,
        };
        Some(SysEvent { process: process.pid(), at: process.system().now(), what, skipped: 0 })
    }
}

/// For example `<0.7.0> in Add(2, ReplyTo)`.
impl fmt::Display for SysEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, text) = match &self.what {
            What::In(text) => ("in", text),
            What::Out(text) => ("out", text),
            What::State(text) => ("state", text),
        };
        write!(f, "{} {kind} {text}", self.process)?;
        if self.skipped > 0 {
            write!(f, " ({} skipped before)", self.skipped)?;
        }
        Ok(())
    }
}

fn text(value: &dyn fmt::Debug) -> Arc<str> {
    shown(format_args!("{value:?}"), SysEvent::TEXT).into()
}

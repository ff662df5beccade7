use std::fmt;

use crate::cell::Token;
use crate::exit::ExitReason;
use crate::process::load::is_shedding;
use crate::process::{ByType, Dropped, Process, with_present};

/// Answers one call, once, from any thread and at any time: the reply token.
///
/// Dropping it without a reply fails the call at once with [`CallError::NoReply`](super::CallError::NoReply). A reply
/// to a caller that no longer waits is dropped.
///
/// OTP's `gen_server:from()`, as in `gen_server:reply/2`.
#[must_use = "dropping it resolves the call with `NoReply`"]
pub struct ReplyTo<R: Send + 'static> {
    /// `None` once used.
    token: Option<Token<R, ExitReason>>,
}

impl<R: Send + 'static> ReplyTo<R> {
    pub(crate) fn new(token: Token<R, ExitReason>) -> ReplyTo<R> {
        ReplyTo { token: Some(token) }
    }

    /// Answers the call.
    pub fn reply(mut self, value: R) {
        // Otherwise the token is dropped by a process that is about to end, which its caller is told of.
        if Process::may_answer(&ByType::<R>::new())
            && let Some(token) = self.token.take()
        {
            token.reply(value);
        }
    }

    /// Answers the call, like [`reply`](ReplyTo::reply), which shows the answer by its type to the
    /// [`Tracer`](crate::behaviour::Tracer) of a process. This shows it as `show` writes it. `#[gen_server]` makes use of it.
    pub fn reply_shown(mut self, value: R, show: impl Fn(&R, &mut fmt::Formatter<'_>) -> fmt::Result) {
        if Process::may_answer(&Shown(&value, &show))
            && let Some(token) = self.token.take()
        {
            token.reply(value);
        }
    }

    /// Returns false once the caller has stopped waiting: its timeout has passed, or it has ended.
    pub fn is_awaited(&self) -> bool {
        self.token.as_ref().is_some_and(Token::is_awaited)
    }
}

/// A process that drops a token may be about to end; its exit reason is then the answer.
impl<R: Send + 'static> Drop for ReplyTo<R> {
    fn drop(&mut self) {
        // If the caller does not wait, there is nothing to report: it may have dropped the token itself, unsent.
        let Some(token) = self.token.take().filter(Token::is_awaited) else { return };
        if is_shedding() {
            return token.shed();
        }
        let token = Box::new(token);
        with_present(|present| match present {
            Some(process) => process.header().token_dropped(token),
            None => token.tell(),
        });
    }
}

/// A value, as a function writes it.
struct Shown<'a, R, F>(&'a R, &'a F);

impl<R, F: Fn(&R, &mut fmt::Formatter<'_>) -> fmt::Result> fmt::Debug for Shown<'_, R, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.1)(self.0, f)
    }
}

impl<R: Send + 'static> fmt::Debug for ReplyTo<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyTo")
    }
}

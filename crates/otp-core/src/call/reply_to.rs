use std::fmt;

use crate::cell::Token;
use crate::exit::ExitReason;
use crate::process::{Dropped, with_present};
use crate::runtime::Step;

/// The reply token of one call: whoever holds it can answer the caller, once, from anywhere and at any time.
///
/// Dropping it without a reply resolves the call at once with [`CallError::NoReply`](super::CallError::NoReply). A
/// reply to a caller that no longer waits vanishes.
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
        if let Some(token) = self.token.take() {
            note_answer();
            token.reply(value);
        }
    }

    /// False once the caller has stopped waiting: its timeout has passed, or it has ended.
    pub fn is_awaited(&self) -> bool {
        self.token.as_ref().is_some_and(Token::is_awaited)
    }
}

/// Tells the director, if there is one, that the running process answers a call.
fn note_answer() {
    with_present(|present| {
        if let Some(process) = present {
            let header = process.header();
            header.note(|| Step::Answers { from: header.pid });
        }
    });
}

/// A process that drops a token may be about to end, and then its exit reason is the answer.
impl<R: Send + 'static> Drop for ReplyTo<R> {
    fn drop(&mut self) {
        // Nobody is to be told of one that nobody waits for: the caller may have dropped it itself, unsent.
        let Some(token) = self.token.take().filter(Token::is_awaited) else { return };
        let token = Box::new(token);
        with_present(|present| match present {
            Some(process) => process.header().token_dropped(token),
            None => token.tell(),
        });
    }
}

impl<R: Send + 'static> fmt::Debug for ReplyTo<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReplyTo")
    }
}

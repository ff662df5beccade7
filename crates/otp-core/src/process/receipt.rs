use std::convert::Infallible;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt;
use futures::channel::oneshot;

use super::blocked::Foreign;
use super::deposit::Deposit;
use super::process_ref::{ProcessRef, has_to_yield};
use super::send_error::SendError;
use crate::switch::let_others_first;

/// Is ready when a message is no longer in the mailbox: its process has received it, or has ended. Made by
/// [`ProcessRef::send_with_receipt`].
///
/// A server has received a message when it begins to handle it. Dropping the receipt does not take the message back.
#[must_use = "it is ready when the message was received"]
pub struct Receipt {
    received: oneshot::Receiver<Infallible>,
    foreign: Foreign,
}

impl<M: Send + 'static> ProcessRef<M> {
    /// Sends a message as [`send`](ProcessRef::send) does, and returns what tells when it was received. For senders that
    /// limit how much of theirs waits in a mailbox, which itself has no bound.
    ///
    /// Such a message needs three more allocations than others.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use futures::FutureExt;
    /// use otp::{Message, ProcessContext};
    ///
    /// let process = system.spawn(async |mut ctx: ProcessContext<u32>| {
    ///     assert_eq!(ctx.receive().await, Message::User(1));
    ///     std::future::pending::<()>().await;
    /// });
    /// process.send_with_receipt(1).await.unwrap().await;
    /// let second = process.send_with_receipt(2).await.unwrap();
    /// assert_eq!(second.now_or_never(), None);
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// [`SendError`] gives the message back when the process has ended, also while waiting.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the message was not sent and is dropped.
    pub async fn send_with_receipt(&self, message: M) -> Result<Receipt, SendError<M>> {
        let_others_first(self.system()).await;
        let mut place = Place { process: self, ticket: None };
        let (mut message, mut foreign) = (Some(message), Foreign::default());
        let receipt = poll_fn(|cx| {
            let mut told = None;
            let make = |message| {
                let (deposit, received) = Deposit::with_receipt(message);
                told = Some(Receipt { received, foreign: Foreign::default() });
                deposit
            };
            if !(place.ticket.is_none() && has_to_yield(cx))
                && let Poll::Ready(posted) = self.poll_post_as(&mut message, &mut place.ticket, cx.waker(), make)
            {
                // Only the mailbox keeps the deposit.
                return Poll::Ready(posted.and(told));
            }
            foreign.wait(cx).or_leave()
        });
        match (receipt.await, message) {
            (Some(receipt), _) => Ok(receipt),
            (None, Some(message)) => Err(SendError::NoProc { to: self.into(), message }),
            (None, None) => unreachable!("a message that was not sent is still there"),
        }
    }
}

impl<M: Send + 'static> ProcessRef<M> {
    /// Sends a message at once, regardless of the bound of the mailbox, and drops `held` when the message is no longer in
    /// the mailbox: the process has received it, or has ended. False if the process has ended already. For senders that
    /// keep a bound of their own, such as a topic for each of its subscribers.
    ///
    /// `held` is dropped where the message is received, on the thread of that process, or here if there is none. Its drop
    /// may send the next message. It is dropped under no lock. Such a message needs three more allocations than others.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::sync::Arc;
    /// use otp::{Message, ProcessContext};
    ///
    /// let process = system.spawn(async |mut ctx: ProcessContext<u32>| {
    ///     assert_eq!(ctx.receive().await, Message::User(1));
    ///     std::future::pending::<()>().await;
    /// });
    /// let waiting = Arc::new(());
    /// assert!(process.send_holding(1, waiting.clone()));
    /// assert!(process.send_holding(2, waiting.clone()));
    /// while Arc::strong_count(&waiting) > 2 {
    ///     otp::process::yield_now().await;
    /// }
    /// # }).unwrap();
    /// ```
    pub fn send_holding(&self, message: M, held: impl Send + Sync + 'static) -> bool {
        self.post_unbounded(Deposit::with_value(message, Box::new(held)))
    }
}

/// A place in the line for room, which is left when the sender gives up.
struct Place<'a, M: Send + 'static> {
    process: &'a ProcessRef<M>,
    ticket: Option<usize>,
}

impl<M: Send + 'static> Drop for Place<'_, M> {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket {
            self.process.leave(ticket);
        }
    }
}

impl Future for Receipt {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        // It tells an error: the deposit was dropped.
        if self.received.poll_unpin(cx).is_ready() {
            return Poll::Ready(());
        }
        self.foreign.wait(cx).or_leave()
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Receipt")
    }
}

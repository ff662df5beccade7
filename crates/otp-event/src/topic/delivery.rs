//! How values get to a process that has subscribed: one message at a time is in its mailbox, and when it is received, the
//! next one is sent, on the thread of that process. No process or task lies between.

use std::sync::Arc;

use otp_behaviour::contain;
use otp_core::{Pid, ProcessRef};

use super::inbox::Inbox;
use super::subscriber::{Ended, Subscriber};
use crate::quietly::{quietly, report};

/// A process that has subscribed, without the type of its messages.
pub(super) trait Deliver<T: Send + Sync + 'static>: Send + Sync {
    fn pid(&self) -> Pid;

    /// Sends a value, or at last the end; false if the process has ended. `received` is dropped when the message has been
    /// received, or could not be made.
    fn send(&self, value: Option<Arc<T>>, received: Received<T>) -> bool;
}

/// Dropped when the message with it is no longer in the mailbox.
pub(super) struct Received<T: Send + Sync + 'static>(Arc<Subscriber<T>>);

/// A process, and what makes a message for it.
pub(super) struct ToProcess<I: Inbox, F> {
    pub(super) process: ProcessRef<I::Mail>,
    pub(super) map: F,
}

impl<T, I, F> Deliver<T> for ToProcess<I, F>
where
    T: Send + Sync + 'static,
    I: Inbox,
    F: Fn(Option<Arc<T>>) -> I::Message + Send + Sync,
{
    fn pid(&self) -> Pid {
        self.process.pid()
    }

    fn send(&self, value: Option<Arc<T>>, received: Received<T>) -> bool {
        match contain(|| (self.map)(value)) {
            Ok(message) => self.process.send_holding(I::mail(message), received),
            Err(crash) => {
                report(&crash);
                true
            }
        }
    }
}

impl<T: Send + Sync + 'static> Subscriber<T> {
    /// Sends the process its next message, unless it has one that it has not received.
    pub(super) fn send_next(self: &Arc<Self>) {
        let Some(process) = &self.process else { return };
        loop {
            let (value, waker) = {
                let mut queue = self.queue();
                if queue.is_sending || queue.is_in_mailbox {
                    return;
                }
                let value = queue.values.pop_front();
                if value.is_none() {
                    if queue.ended.is_none() || queue.is_end_told {
                        return;
                    }
                    queue.is_end_told = true;
                }
                queue.is_sending = true;
                queue.is_in_mailbox = true;
                (value, queue.line.take_first())
            };
            if let Some(waker) = waker {
                quietly(|| waker.wake());
            }
            let is_there = process.send(value, Received(self.clone()));
            // Meanwhile it may have been received, on another thread.
            self.queue().is_sending = false;
            if !is_there {
                return self.finish(Ended::OwnerEnded);
            }
        }
    }
}

impl<T: Send + Sync + 'static> Drop for Received<T> {
    fn drop(&mut self) {
        self.0.queue().is_in_mailbox = false;
        self.0.send_next();
    }
}

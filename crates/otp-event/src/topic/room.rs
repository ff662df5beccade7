use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use otp_behaviour::Awaited;
use otp_core::Process;
use otp_core::behaviour::may_block;

use super::subscriber::Subscriber;
use crate::quietly::quietly;

/// Waits until a subscriber has room for a value, and gives it that.
pub(super) struct Room<'a, T: Send + Sync + 'static> {
    subscriber: &'a Arc<Subscriber<T>>,
    value: &'a Arc<T>,
    ticket: Option<u64>,
    awaited: Awaited,
}

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waited {
    Taken,
    /// The subscription has ended.
    Gone,
    /// The process that publishes is the one that reads.
    ForItself,
}

impl<'a, T: Send + Sync + 'static> Room<'a, T> {
    pub(super) fn new(subscriber: &'a Arc<Subscriber<T>>, value: &'a Arc<T>) -> Room<'a, T> {
        Room { subscriber, value, ticket: None, awaited: Awaited::default() }
    }

    /// One attempt. If it fails, `waker` is woken when it is worth another one.
    fn attempt(&mut self, own: Option<&Process>, waker: Option<Waker>, cx: &Context<'_>) -> Option<Waited> {
        let mut queue = self.subscriber.queue();
        if queue.ended.is_some() {
            return Some(Waited::Gone);
        }
        if self.subscriber.has_room(&queue) && queue.line.is_next(self.ticket) {
            queue.values.push_back(self.value.clone());
            let own = self.ticket.take().and_then(|ticket| queue.line.leave(ticket));
            let next = if self.subscriber.has_room(&queue) { queue.line.take_first() } else { None };
            drop(queue);
            drop(own);
            wake(next);
            self.subscriber.tell();
            return Some(Waited::Taken);
        }
        let reader = queue.reader;
        if let (Some(own), Some(reader)) = (own, reader)
            && own.pid() == reader
        {
            return Some(Waited::ForItself);
        }
        let waker = waker?;
        let (ticket, stale) = queue.line.wait(self.ticket, waker);
        self.ticket = Some(ticket);
        drop(queue);
        drop(stale);
        if let (Some(own), Some(reader)) = (own, reader) {
            self.awaited.waits(own.system(), reader, cx);
        }
        None
    }
}

fn wake(waker: Option<Waker>) {
    if let Some(waker) = waker {
        quietly(|| waker.wake());
    }
}

impl<T: Send + Sync + 'static> Future for Room<'_, T> {
    type Output = Waited;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Waited> {
        let this = self.get_mut();
        let own = Process::current();
        // A waker is cloned under no lock.
        let done = this.attempt(own.as_ref(), None, cx).or_else(|| {
            let waker = cx.waker().clone();
            this.attempt(own.as_ref(), Some(waker), cx)
        });
        may_block(done.map_or(Poll::Pending, Poll::Ready), cx)
    }
}

/// Whoever gives up makes room for those behind.
impl<T: Send + Sync + 'static> Drop for Room<'_, T> {
    fn drop(&mut self) {
        self.awaited.settle();
        let Some(ticket) = self.ticket else { return };
        let (own, next) = {
            let mut queue = self.subscriber.queue();
            let own = queue.line.leave(ticket);
            let next = if self.subscriber.has_room(&queue) { queue.line.take_first() } else { None };
            (own, next)
        };
        quietly(|| drop(own));
        wake(next);
    }
}

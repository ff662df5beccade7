use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures::Stream;
use otp_core::Process;
use otp_core::behaviour::may_block;

use super::list::List;
use super::subscriber::{Ended, Subscriber};
use crate::quietly::quietly;

/// A subscription to a topic, as a stream of its values; made by [`Topic::subscribe`](super::Topic::subscribe).
///
/// The stream ends when the topic is closed, or the subscriber was disconnected, after the values before that. Dropping it
/// unsubscribes.
#[must_use = "dropping it unsubscribes"]
pub struct Subscription<T: Send + Sync + 'static> {
    pub(super) list: Arc<List<T>>,
    pub(super) subscriber: Arc<Subscriber<T>>,
}

enum Read<T> {
    Value(Arc<T>),
    End,
    /// There is nothing to read now.
    Nothing,
}

impl<T: Send + Sync + 'static> Subscription<T> {
    /// Returns the next value; waits until there is one. `None` at the end.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no value is lost.
    pub async fn next(&mut self) -> Option<Arc<T>> {
        poll_fn(|cx| self.poll_value(cx)).await
    }

    /// Returns the next value, if there is one now.
    pub fn try_next(&mut self) -> Option<Arc<T>> {
        match self.read(None) {
            Read::Value(value) => Some(value),
            Read::End | Read::Nothing => None,
        }
    }

    /// The number of values that were not read.
    pub fn unread(&self) -> usize {
        self.subscriber.queue().values.len()
    }

    /// The number of values that this subscriber lost, because it was too slow.
    pub fn dropped(&self) -> u64 {
        self.subscriber.dropped()
    }

    /// Why the subscription has ended; `None` while it has not. Values that came before may still be read.
    pub fn ended(&self) -> Option<Ended> {
        self.subscriber.queue().ended
    }

    /// Reads a value. If there is none, the waker is kept, to be woken when there is.
    fn read(&self, waker: Option<Waker>) -> Read<T> {
        let reader = waker.as_ref().map(|_| Process::current().map(|process| process.pid()));
        let mut queue = self.subscriber.queue();
        if let Some(reader) = reader {
            queue.reader = reader;
        }
        let Some(value) = queue.values.pop_front() else {
            if queue.ended.is_some() {
                return Read::End;
            }
            let stale = waker.and_then(|waker| queue.waker.replace(waker));
            drop(queue);
            quietly(|| drop(stale));
            return Read::Nothing;
        };
        let publisher = queue.line.take_first();
        drop(queue);
        if let Some(waker) = publisher {
            quietly(|| waker.wake());
        }
        Read::Value(value)
    }

    fn poll_value(&self, cx: &Context<'_>) -> Poll<Option<Arc<T>>> {
        let mut read = self.read(None);
        if let Read::Nothing = read {
            // A waker is cloned under no lock.
            let waker = cx.waker().clone();
            read = self.read(Some(waker));
        }
        match read {
            Read::Value(value) => Poll::Ready(Some(value)),
            Read::End => Poll::Ready(None),
            Read::Nothing => may_block(Poll::Pending, cx),
        }
    }
}

impl<T: Send + Sync + 'static> Stream for Subscription<T> {
    type Item = Arc<T>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Arc<T>>> {
        self.poll_value(cx)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.unread(), None)
    }
}

impl<T: Send + Sync + 'static> Drop for Subscription<T> {
    fn drop(&mut self) {
        self.list.remove(&self.subscriber);
        self.subscriber.end(Ended::Unsubscribed);
        let waker = self.subscriber.queue().waker.take();
        quietly(|| drop(waker));
    }
}

impl<T: Send + Sync + 'static> fmt::Debug for Subscription<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscription(to {}, {} unread)", self.list.label, self.unread())
    }
}

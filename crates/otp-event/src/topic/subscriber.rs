use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use otp_core::{Kept, Pid};

use super::delivery::Deliver;
use super::line::Line;
use super::slow::Slow;
use crate::quietly::quietly;

/// A subscription: the values that were not read, and who reads them. No user code runs under its lock.
pub(super) struct Subscriber<T: Send + Sync + 'static> {
    /// Its place in the list of its topic, under the lock of that.
    pub(super) place: AtomicUsize,
    limit: usize,
    slow: Slow,
    dropped: AtomicU64,
    /// How values get to the process that subscribed; `None` for a stream.
    pub(super) process: Option<Box<dyn Deliver<T>>>,
    queue: Mutex<Queue<T>>,
}

pub(super) struct Queue<T> {
    pub(super) values: VecDeque<Arc<T>>,
    pub(super) ended: Option<Ended>,
    /// Publishers that wait for room.
    pub(super) line: Line,
    /// Woken when there is a value for a stream.
    pub(super) waker: Option<Waker>,
    /// The process that reads: the subscriber, or who polled the stream last.
    pub(super) reader: Option<Pid>,
    /// A message is in the mailbox of the process, and not received.
    pub(super) is_in_mailbox: bool,
    /// A message is being sent to the process.
    pub(super) is_sending: bool,
    /// The process was told of the end.
    pub(super) is_end_told: bool,
    /// Ends the subscription with its process.
    pub(super) kept: Option<Kept>,
}

/// Why a subscription has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// The subscriber was too slow; see [`Slow::Disconnect`].
    Disconnected,
    /// The topic was closed.
    Closed,
    /// The subscriber has unsubscribed.
    Unsubscribed,
    /// The process that subscribed has ended.
    OwnerEnded,
}

/// What came of offering a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offered {
    Taken,
    /// It was taken, and another one dropped for it; or it was dropped itself.
    Dropped {
        taken: bool,
    },
    /// There was no room, and the subscription has ended because of that.
    Disconnected,
    /// There is no room, and the publisher is to wait.
    Full,
    /// The subscription had ended.
    Gone,
}

impl<T: Send + Sync + 'static> Subscriber<T> {
    pub(super) fn new(limit: usize, slow: Slow, process: Option<Box<dyn Deliver<T>>>) -> Subscriber<T> {
        let reader = process.as_ref().map(|process| process.pid());
        Subscriber {
            place: AtomicUsize::new(usize::MAX),
            limit: limit.max(1),
            slow,
            dropped: AtomicU64::new(0),
            process,
            queue: Mutex::new(Queue {
                values: VecDeque::new(),
                ended: None,
                line: Line::default(),
                waker: None,
                reader,
                is_in_mailbox: false,
                is_sending: false,
                is_end_told: false,
                kept: None,
            }),
        }
    }

    pub(super) fn queue(&self) -> MutexGuard<'_, Queue<T>> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts the last value of the topic first. Nothing was published to this subscriber before.
    pub(super) fn begin_with(&self, value: Arc<T>) {
        self.queue().values.push_back(value);
    }

    pub(super) fn has_room(&self, queue: &Queue<T>) -> bool {
        queue.values.len() < self.limit
    }

    /// Offers a value, and tells the reader.
    pub(super) fn offer(self: &Arc<Self>, value: &Arc<T>) -> Offered {
        let mut oldest = None;
        let offered = {
            let mut queue = self.queue();
            if queue.ended.is_some() {
                return Offered::Gone;
            }
            if self.has_room(&queue) && queue.line.is_empty() {
                queue.values.push_back(value.clone());
                Offered::Taken
            } else {
                match self.slow {
                    Slow::DropNewest => Offered::Dropped { taken: false },
                    Slow::DropOldest => {
                        oldest = queue.values.pop_front();
                        queue.values.push_back(value.clone());
                        Offered::Dropped { taken: true }
                    }
                    Slow::Disconnect => {
                        queue.ended = Some(Ended::Disconnected);
                        Offered::Disconnected
                    }
                    Slow::Wait => Offered::Full,
                }
            }
        };
        match offered {
            Offered::Taken | Offered::Disconnected => self.tell(),
            Offered::Dropped { .. } => {
                self.dropped.fetch_add(1, Ordering::Relaxed);
                quietly(|| drop(oldest));
            }
            Offered::Full | Offered::Gone => {}
        }
        offered
    }

    /// Tells the reader that there is something to read.
    pub(super) fn tell(self: &Arc<Self>) {
        if self.process.is_some() {
            return self.send_next();
        }
        let waker = self.queue().waker.take();
        if let Some(waker) = waker {
            quietly(|| waker.wake());
        }
    }

    /// Ends the subscription. What was not read stays for a subscriber that still reads, and is dropped for one that has
    /// gone.
    pub(super) fn end(self: &Arc<Self>, why: Ended) {
        self.finish(why);
        let kept = self.queue().kept.take();
        if let Some(kept) = kept {
            drop(kept.take_back());
        }
        self.tell();
    }

    /// The process has ended; what belongs to it tells the topic.
    pub(super) fn finish(&self, why: Ended) {
        let has_gone = matches!(why, Ended::Unsubscribed | Ended::OwnerEnded);
        let (values, wakers) = {
            let mut queue = self.queue();
            queue.ended.get_or_insert(why);
            queue.is_end_told |= has_gone;
            let values = if has_gone { std::mem::take(&mut queue.values) } else { VecDeque::new() };
            (values, queue.line.take_all())
        };
        wakers.into_iter().for_each(|waker| quietly(|| waker.wake()));
        values.into_iter().for_each(|value| quietly(|| drop(value)));
    }

    /// Ends the subscription with the process that owns this; `None` if it has ended.
    pub(super) fn keep(&self, kept: Option<Kept>) {
        let kept = {
            let mut queue = self.queue();
            if queue.ended.is_some() {
                kept
            } else {
                queue.kept = kept;
                None
            }
        };
        if let Some(kept) = kept {
            drop(kept.take_back());
        }
    }

    /// How many values were dropped for this subscriber.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }

    /// A publisher gave up a value for this subscriber.
    pub(super) fn count_dropped(&self) {
        self.dropped.fetch_add(1, Ordering::Relaxed);
    }
}

impl<T: Send + Sync + 'static> Drop for Subscriber<T> {
    fn drop(&mut self) {
        let queue = self.queue.get_mut().unwrap_or_else(PoisonError::into_inner);
        // Each by itself: a panic in one must not keep the others.
        for value in queue.values.drain(..) {
            quietly(|| drop(value));
        }
        let process = self.process.take();
        quietly(|| drop(process));
    }
}

use std::fmt;
use std::sync::Arc;

use otp_core::{Label, yield_now};

use super::list::List;
use super::room::{Room, Waited};
use super::subscriber::{Ended, Offered, Subscriber};

/// How many subscribers get a value before the publisher lets others run.
const TURN: usize = 256;

/// What came of publishing a value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Published {
    /// How many subscribers have the value to read.
    pub delivered: usize,
    /// How many lost a value, this one or an older one, because they were too slow.
    pub dropped: usize,
    /// How many were disconnected, because they were too slow.
    pub disconnected: usize,
}

/// The error of publishing a value.
#[non_exhaustive]
pub enum PublishError<T> {
    /// The topic was closed. Nobody has got the value, which comes back.
    Closed {
        /// The topic.
        topic: Label,
        /// The value.
        value: T,
    },
    /// The process that publishes reads, with [`Slow::Wait`](super::Slow::Wait), a subscription that is full: it would have waited for itself.
    /// All others have got the value.
    WaitsForItself {
        /// The topic.
        topic: Label,
        /// What came of it otherwise.
        published: Published,
    },
}

impl Published {
    /// Counts what came of an offer; false if the publisher is to wait.
    fn count<T: Send + Sync + 'static>(&mut self, offered: Offered, list: &List<T>, to: &Arc<Subscriber<T>>) -> bool {
        match offered {
            Offered::Taken => self.delivered += 1,
            Offered::Dropped { taken } => {
                self.delivered += usize::from(taken);
                self.dropped += 1;
            }
            Offered::Disconnected => {
                self.disconnected += 1;
                list.remove(to);
                to.end(Ended::Disconnected);
            }
            Offered::Gone => {}
            Offered::Full => return false,
        }
        true
    }
}

/// Publishes a value, and waits for subscribers where that is their policy.
pub(super) async fn publish<T: Send + Sync + 'static>(list: &List<T>, value: T) -> Result<Published, PublishError<T>> {
    let mut counting = Counting { list, published: Published::default() };
    let value = Arc::new(value);
    let Ok(subscribers) = list.begin(&value) else { return Err(closed(list, value)) };
    let mut waiting = Vec::new();
    for (number, subscriber) in subscribers.iter().enumerate() {
        if number > 0 && number % TURN == 0 {
            yield_now().await;
        }
        if !counting.published.count(subscriber.offer(&value), list, subscriber) {
            waiting.push(subscriber.clone());
        }
    }
    // Otherwise those who come and go while this waits would have to copy the list.
    drop(subscribers);
    let mut waits_for_itself = false;
    for subscriber in waiting {
        match Room::new(&subscriber, &value).await {
            Waited::Taken => counting.published.delivered += 1,
            Waited::Gone => {}
            Waited::ForItself => {
                subscriber.count_dropped();
                counting.published.dropped += 1;
                waits_for_itself = true;
            }
        }
    }
    let published = counting.published;
    if waits_for_itself {
        return Err(PublishError::WaitsForItself { topic: list.label.clone(), published });
    }
    Ok(published)
}

/// Publishes a value, and waits for nobody.
pub(super) fn publish_now<T: Send + Sync + 'static>(list: &List<T>, value: T) -> Result<Published, PublishError<T>> {
    let mut counting = Counting { list, published: Published::default() };
    let value = Arc::new(value);
    let Ok(subscribers) = list.begin(&value) else { return Err(closed(list, value)) };
    for subscriber in subscribers.iter() {
        if !counting.published.count(subscriber.offer(&value), list, subscriber) {
            subscriber.count_dropped();
            counting.published.dropped += 1;
        }
    }
    Ok(counting.published)
}

fn closed<T: Send + Sync + 'static>(list: &List<T>, value: Arc<T>) -> PublishError<T> {
    let Some(value) = Arc::into_inner(value) else { unreachable!("a closed topic keeps nothing") };
    PublishError::Closed { topic: list.label.clone(), value }
}

/// Adds to the figures of the topic, also when the publisher gives up.
struct Counting<'a, T: Send + Sync + 'static> {
    list: &'a List<T>,
    published: Published,
}

impl<T: Send + Sync + 'static> Drop for Counting<'_, T> {
    fn drop(&mut self) {
        self.list.count(self.published);
    }
}

impl<T> std::error::Error for PublishError<T> {}

impl<T> fmt::Display for PublishError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PublishError::Closed { topic, .. } => write!(f, "cannot publish to topic {topic}: it is closed"),
            PublishError::WaitsForItself { topic, .. } => write!(
                f,
                "publishing to topic {topic} would wait for the process that publishes: its own subscription is full"
            ),
        }
    }
}

impl<T> fmt::Debug for PublishError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PublishError::Closed { topic, .. } => {
                f.debug_struct("Closed").field("topic", topic).finish_non_exhaustive()
            }
            PublishError::WaitsForItself { topic, published } => {
                f.debug_struct("WaitsForItself").field("topic", topic).field("published", published).finish()
            }
        }
    }
}

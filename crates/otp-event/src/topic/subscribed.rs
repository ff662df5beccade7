use std::fmt;
use std::sync::{Arc, Weak};

use otp_core::{Belonging, End, Label, Target};

use super::list::List;
use super::subscriber::{Ended, Subscriber};

/// A subscription of a process to a topic; made by [`Topic::subscribe_process`](super::Topic::subscribe_process). Dropping this
/// leaves it subscribed.
pub struct Subscribed<T: Send + Sync + 'static> {
    pub(super) list: Arc<List<T>>,
    pub(super) subscriber: Arc<Subscriber<T>>,
}

/// The error of subscribing a process to a topic.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SubscribeError {
    /// The topic was closed.
    #[error("cannot subscribe to topic {topic}: it is closed")]
    Closed {
        /// The topic.
        topic: Label,
    },
    /// The process has ended.
    #[error("cannot subscribe {} to topic {topic}: no such process", process.as_ref().map_or("it".to_owned(), Target::to_string))]
    NoProc {
        /// The topic.
        topic: Label,
        /// The process, if it is known which one was meant.
        process: Option<Target>,
    },
}

impl<T: Send + Sync + 'static> Subscribed<T> {
    /// Ends the subscription. A message that is in the mailbox already stays there; the others are dropped, and no message
    /// tells of the end.
    pub fn unsubscribe(&self) {
        self.list.remove(&self.subscriber);
        self.subscriber.end(Ended::Unsubscribed);
    }

    /// The number of values that wait outside of the mailbox.
    pub fn unread(&self) -> usize {
        self.subscriber.queue().values.len()
    }

    /// The number of values that this subscriber lost, because it was too slow.
    pub fn dropped(&self) -> u64 {
        self.subscriber.dropped()
    }

    /// Why the subscription has ended; `None` while it has not.
    pub fn ended(&self) -> Option<Ended> {
        self.subscriber.queue().ended
    }
}

impl<T: Send + Sync + 'static> fmt::Debug for Subscribed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Subscribed(to {}, {} unread)", self.list.label, self.unread())
    }
}

/// A subscription, as a belonging of its process.
pub(super) struct OfProcess<T: Send + Sync + 'static> {
    pub(super) list: Weak<List<T>>,
    pub(super) subscriber: Weak<Subscriber<T>>,
}

impl<T: Send + Sync + 'static> Belonging for OfProcess<T> {
    fn owner_ended(self: Box<Self>, _: &End<'_>) {
        let Some(subscriber) = self.subscriber.upgrade() else { return };
        if let Some(list) = self.list.upgrade() {
            list.remove(&subscriber);
        }
        subscriber.end(Ended::OwnerEnded);
    }
}

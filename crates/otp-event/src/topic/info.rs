use std::sync::{Arc, Mutex, PoisonError, Weak};

use otp_core::{Label, Ref, System};

/// The figures of a topic, for people and metrics; returned by [`Topic::info`](super::Topic::info) and [`topics`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TopicInfo {
    /// Tells it from the other topics of the system, which may have the same label.
    pub id: Ref,
    /// The name or the label of the topic.
    pub label: Label,
    /// The name of the type of its values.
    pub value: &'static str,
    /// How many subscribers it has now.
    pub subscribers: usize,
    /// How many values were published.
    pub published: u64,
    /// How many times a value reached a subscriber.
    pub delivered: u64,
    /// How many times a subscriber lost a value, because it was too slow.
    pub dropped: u64,
    /// How many subscribers were disconnected, because they were too slow.
    pub disconnected: u64,
    /// Whether it keeps a last value now.
    pub retained: bool,
}

/// Returns the figures of all topics of a system that are not closed, in the order in which they were made.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::topic::{Topic, topics};
///
/// let prices: Topic<u32> = Topic::new(&system, "prices");
/// prices.publish(7).await.unwrap();
/// let all = topics(&system);
/// assert_eq!((all.len(), all[0].label.as_str(), all[0].published), (1, "prices", 1));
/// # }).unwrap();
/// ```
pub fn topics(system: &System) -> Vec<TopicInfo> {
    let alive = system.slot::<All>().alive();
    alive.iter().filter(|topic| topic.is_open()).map(|topic| topic.info()).collect()
}

/// A topic, without the type of its values.
pub(super) trait Observed: Send + Sync {
    fn info(&self) -> TopicInfo;

    fn is_open(&self) -> bool;
}

/// All topics of a system.
#[derive(Default)]
pub(super) struct All(Mutex<Vec<Weak<dyn Observed>>>);

impl All {
    pub(super) fn add(&self, topic: Weak<dyn Observed>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that have gone are forgotten from time to time, so that adding stays cheap.
        if all.len() == all.capacity() {
            all.retain(|topic| topic.strong_count() > 0);
        }
        all.push(topic);
    }

    fn alive(&self) -> Vec<Arc<dyn Observed>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().filter_map(Weak::upgrade).collect()
    }
}

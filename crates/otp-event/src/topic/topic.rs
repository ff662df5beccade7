use std::any::{Any, TypeId, type_name};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use otp_core::{Label, Process, Spawner, System, Target};

use super::delivery::ToProcess;
use super::inbox::Inbox;
use super::info::{All, Observed, TopicInfo};
use super::list::{Closed, List};
use super::name::TopicName;
use super::publish::{PublishError, Published, publish, publish_now};
use super::slow::Slow;
use super::stream::Subscription;
use super::subscribed::{OfProcess, SubscribeError, Subscribed};
use super::subscriber::{Ended, Subscriber};

/// A topic: values of type `T` are published to it, and reach all who have subscribed. Cheap to clone; all clones are the same
/// topic.
///
/// A topic is no process. Publishing runs on the task of the publisher, and costs one allocation for the value, which all
/// subscribers share.
///
/// * **Order.** A subscriber gets the values of one publisher in the order in which they were published. Values of several
///   publishers at the same time may reach two subscribers in different orders.
/// * **When a subscriber is slow.** Each subscriber has a limit, and a policy for what happens at it; see [`Slow`].
/// * **On exit.** The subscription of a process ends with the process. A publisher that waits for it goes on.
/// * **On restart.** A process that is restarted subscribes again, usually in its `init`.
/// * **At the end.** The last clone of a topic, or [`close`](Topic::close), ends all subscriptions.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::topic::{Slow, Topic};
///
/// let prices: Topic<u32> = Topic::new(&system, "prices");
/// let mut latest = prices.subscribe(1, Slow::DropOldest);
/// let mut all = prices.subscribe(100, Slow::Wait);
/// for price in [7, 8, 9] {
///     prices.publish(price).await.unwrap();
/// }
/// assert_eq!(latest.next().await.as_deref(), Some(&9));
/// assert_eq!(all.next().await.as_deref(), Some(&7));
/// assert_eq!((latest.dropped(), all.unread()), (2, 2));
/// # }).unwrap();
/// ```
pub struct Topic<T: Send + Sync + 'static> {
    handle: Arc<Handle<T>>,
}

/// Closes the topic when the last clone of it is dropped.
struct Handle<T: Send + Sync + 'static>(Arc<List<T>>);

impl<T: Send + Sync + 'static> Drop for Handle<T> {
    fn drop(&mut self) {
        self.0.close();
    }
}

/// The topics of a system that have names, by their names and the types of their values.
#[derive(Default)]
struct Named(Mutex<HashMap<(Label, TypeId), Arc<dyn Any + Send + Sync>>>);

impl<T: Send + Sync + 'static> Topic<T> {
    /// Makes a topic. The label is for people: in the figures of the system's [topics](super::topics), and in errors.
    pub fn new(on: &impl Spawner, label: impl Into<Label>) -> Topic<T> {
        Topic::made(on.system(), label.into(), false)
    }

    /// Returns the topic with this name in a system, and makes it when it is first asked for, or was closed. It lives as long
    /// as the system, or until it is closed.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use otp::topic::{Slow, Topic, TopicName};
    ///
    /// const PRICES: TopicName<u32> = TopicName::new("prices").retaining();
    ///
    /// Topic::named(&system, &PRICES).publish(7).await.unwrap();
    /// let mut late = Topic::named(&system, &PRICES).subscribe(1, Slow::DropOldest);
    /// assert_eq!(late.next().await.as_deref(), Some(&7));
    /// # }).unwrap();
    /// ```
    pub fn named(on: &impl Spawner, name: &TopicName<T>) -> Topic<T> {
        let system = on.system();
        let named = system.slot::<Named>();
        let key = (name.label.clone(), TypeId::of::<T>());
        let mut all = named.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.get(&key).cloned().and_then(|any| any.downcast::<Handle<T>>().ok());
        if let Some(handle) = found.filter(|handle| handle.0.is_open()) {
            return Topic { handle };
        }
        let topic = Topic::made(system, name.label.clone(), name.retains);
        let closed = all.insert(key, topic.handle.clone());
        drop(all);
        drop(closed);
        topic
    }

    fn made(system: &System, label: Label, retains: bool) -> Topic<T> {
        let list = Arc::new(List::new(system.make_ref(), label, retains));
        let observed: Weak<dyn Observed> = Arc::downgrade(&(list.clone() as Arc<dyn Observed>));
        system.slot::<All>().add(observed);
        Topic { handle: Arc::new(Handle(list)) }
    }

    /// The topic keeps its last value from now on: a new subscriber gets it first.
    #[must_use]
    pub fn retaining(self) -> Topic<T> {
        self.list().retain();
        self
    }

    /// Publishes a value to all subscribers, and waits for those whose policy is [`Slow::Wait`] (backpressure). It lets others
    /// run after each 256 subscribers.
    ///
    /// Those who do not make the publisher wait get the value before it waits for anyone.
    ///
    /// # Errors
    ///
    /// See [`PublishError`]. A process must not wait for itself: if the subscription that is full is read by the process that
    /// publishes, the others get the value, and this fails. Outside of any process this cannot be known.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, some subscribers have got the value and others not.
    pub async fn publish(&self, value: T) -> Result<Published, PublishError<T>> {
        publish(self.list(), value).await
    }

    /// Publishes a value without waiting: a full subscriber whose policy is [`Slow::Wait`] loses it, too. It keeps its thread
    /// for the whole of it.
    ///
    /// # Errors
    ///
    /// [`PublishError::Closed`].
    pub fn publish_now(&self, value: T) -> Result<Published, PublishError<T>> {
        publish_now(self.list(), value)
    }

    /// Subscribes, as a stream of the values from now on: for what is no process, and for processes that have nothing else to
    /// wait for. `limit` is how many values may be unread, at least one.
    ///
    /// The stream of a topic that is closed has ended.
    pub fn subscribe(&self, limit: usize, slow: Slow) -> Subscription<T> {
        let subscriber = Arc::new(Subscriber::new(limit, slow, None));
        subscriber.queue().reader = Process::current().map(|process| process.pid());
        if let Err(Closed) = self.list().add(&subscriber) {
            subscriber.end(Ended::Closed);
        }
        Subscription { list: self.list().clone(), subscriber }
    }

    /// Subscribes a process: it gets the values from now on as messages of its own type, which `map` makes. `None` stands for
    /// the end, because the topic was closed or the process disconnected.
    ///
    /// One message of the subscription at a time is in the mailbox of the process, beyond the bound of that. `limit` is how
    /// many more may wait outside, at least one. `map` runs in the publisher, or in the process when it has received the
    /// message before. If it panics, that is reported, and the process does not get this value.
    ///
    /// The subscription ends with the process. A process may have several.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::sync::Arc;
    ///
    /// use otp::topic::{Slow, Topic};
    /// use otp::{ExitReason, Message, ProcessContext};
    ///
    /// enum News {
    ///     Price(Arc<u32>),
    ///     NoMorePrices,
    /// }
    ///
    /// let prices: Topic<u32> = Topic::new(&system, "prices");
    /// let trader = system.spawn(async |mut ctx: ProcessContext<News>| {
    ///     let mut sum = 0;
    ///     while let Message::User(News::Price(price)) = ctx.receive().await {
    ///         sum += *price;
    ///     }
    ///     ExitReason::other(sum)
    /// });
    /// prices.subscribe_process(&trader, 10, Slow::Wait, |price| price.map_or(News::NoMorePrices, News::Price)).unwrap();
    /// for price in 1..=10 {
    ///     prices.publish(price).await.unwrap();
    /// }
    /// prices.close();
    /// assert_eq!(trader.exited().await, ExitReason::other(55_u32));
    /// # }).unwrap();
    /// ```
    ///
    /// # Errors
    ///
    /// See [`SubscribeError`].
    pub fn subscribe_process<I: Inbox>(
        &self,
        process: &I,
        limit: usize,
        slow: Slow,
        map: impl Fn(Option<Arc<T>>) -> I::Message + Send + Sync + 'static,
    ) -> Result<Subscribed<T>, SubscribeError> {
        let list = self.list();
        let no_proc = |process: Option<Target>| SubscribeError::NoProc { topic: list.label.clone(), process };
        let process = process.process().ok_or_else(|| no_proc(None))?;
        let (system, pid) = (process.system().clone(), process.pid());
        let to = Box::new(ToProcess::<I, _> { process, map });
        let subscriber = Arc::new(Subscriber::new(limit, slow, Some(to)));
        if let Err(Closed) = list.add(&subscriber) {
            return Err(SubscribeError::Closed { topic: list.label.clone() });
        }
        let belonging = OfProcess { list: Arc::downgrade(list), subscriber: Arc::downgrade(&subscriber) };
        let Some(kept) = system.keep(pid, belonging) else { return Err(no_proc(Some(pid.into()))) };
        subscriber.keep(Some(kept));
        // What the topic keeps is there to be read.
        subscriber.tell();
        Ok(Subscribed { list: list.clone(), subscriber })
    }

    /// The last value that was published, if the topic [keeps](Topic::retaining) it.
    pub fn last(&self) -> Option<Arc<T>> {
        self.list().last()
    }

    /// Closes the topic, for good: all subscriptions end, after the values that were published before. Publishers that wait go
    /// on.
    pub fn close(&self) {
        self.list().close();
    }

    /// Returns true once the topic is closed.
    pub fn is_closed(&self) -> bool {
        !self.list().is_open()
    }

    /// The figures of the topic.
    pub fn info(&self) -> TopicInfo {
        self.list().info()
    }

    /// The name or the label of the topic.
    pub fn label(&self) -> &Label {
        &self.list().label
    }

    fn list(&self) -> &Arc<List<T>> {
        &self.handle.0
    }
}

impl<T: Send + Sync + 'static> Clone for Topic<T> {
    fn clone(&self) -> Topic<T> {
        Topic { handle: self.handle.clone() }
    }
}

/// Two are equal if they are the same topic.
impl<T: Send + Sync + 'static> PartialEq for Topic<T> {
    fn eq(&self, other: &Topic<T>) -> bool {
        Arc::ptr_eq(&self.handle, &other.handle)
    }
}

impl<T: Send + Sync + 'static> Eq for Topic<T> {}

impl<T: Send + Sync + 'static> fmt::Debug for Topic<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Topic({} of {})", self.label(), type_name::<T>())
    }
}

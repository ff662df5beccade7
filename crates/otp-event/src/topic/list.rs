use std::any::type_name;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use otp_core::{Label, Ref};

use super::info::{Observed, TopicInfo};
use super::publish::Published;
use super::subscriber::{Ended, Subscriber};
use crate::quietly::quietly;

/// A topic: its subscribers, and its last value. No user code runs under its lock.
pub(super) struct List<T: Send + Sync + 'static> {
    id: Ref,
    pub(super) label: Label,
    state: Mutex<State<T>>,
    published: AtomicU64,
    delivered: AtomicU64,
    dropped: AtomicU64,
    disconnected: AtomicU64,
}

struct State<T: Send + Sync + 'static> {
    is_open: bool,
    /// Shared with the publishes that are under way. One that comes or goes meanwhile makes a copy, at most one for each
    /// publish.
    subscribers: Arc<Vec<Arc<Subscriber<T>>>>,
    retains: bool,
    last: Option<Arc<T>>,
}

/// The topic was closed.
#[derive(Debug)]
pub(super) struct Closed;

impl<T: Send + Sync + 'static> List<T> {
    pub(super) fn new(id: Ref, label: Label, retains: bool) -> List<T> {
        let state = State { is_open: true, subscribers: Arc::default(), retains, last: None };
        List {
            id,
            label,
            state: Mutex::new(state),
            published: AtomicU64::new(0),
            delivered: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            disconnected: AtomicU64::new(0),
        }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a subscriber, which gets every value that is published from now on; the last one before, if there is one, is put
    /// into its queue.
    pub(super) fn add(&self, subscriber: &Arc<Subscriber<T>>) -> Result<(), Closed> {
        let mut state = self.state();
        if !state.is_open {
            return Err(Closed);
        }
        if let Some(last) = &state.last {
            subscriber.begin_with(last.clone());
        }
        let subscribers = Arc::make_mut(&mut state.subscribers);
        subscriber.place.store(subscribers.len(), Ordering::Relaxed);
        subscribers.push(subscriber.clone());
        Ok(())
    }

    /// Removes a subscriber that was [added](List::add), if it is there.
    pub(super) fn remove(&self, subscriber: &Arc<Subscriber<T>>) {
        let removed = {
            let mut state = self.state();
            let place = subscriber.place.load(Ordering::Relaxed);
            if !state.subscribers.get(place).is_some_and(|its| Arc::ptr_eq(its, subscriber)) {
                return;
            }
            let subscribers = Arc::make_mut(&mut state.subscribers);
            let removed = subscribers.swap_remove(place);
            if let Some(moved) = subscribers.get(place) {
                moved.place.store(place, Ordering::Relaxed);
            }
            removed
        };
        drop(removed);
    }

    /// Keeps a value as the last one, if the topic does that; returns those who are to get it.
    pub(super) fn begin(&self, value: &Arc<T>) -> Result<Arc<Vec<Arc<Subscriber<T>>>>, Closed> {
        let (subscribers, last) = {
            let mut state = self.state();
            if !state.is_open {
                return Err(Closed);
            }
            let last = if state.retains { state.last.replace(value.clone()) } else { None };
            (state.subscribers.clone(), last)
        };
        quietly(|| drop(last));
        self.published.fetch_add(1, Ordering::Relaxed);
        Ok(subscribers)
    }

    pub(super) fn retain(&self) {
        self.state().retains = true;
    }

    pub(super) fn last(&self) -> Option<Arc<T>> {
        self.state().last.clone()
    }

    /// Counts what came of a publish.
    pub(super) fn count(&self, published: Published) {
        let add = |counter: &AtomicU64, n: usize| {
            if n > 0 {
                counter.fetch_add(n as u64, Ordering::Relaxed);
            }
        };
        add(&self.delivered, published.delivered);
        add(&self.dropped, published.dropped);
        add(&self.disconnected, published.disconnected);
    }

    /// Ends all subscriptions, for good.
    pub(super) fn close(&self) {
        let (subscribers, last) = {
            let mut state = self.state();
            state.is_open = false;
            (std::mem::take(&mut state.subscribers), state.last.take())
        };
        for subscriber in subscribers.iter() {
            subscriber.end(Ended::Closed);
        }
        quietly(|| drop(last));
    }
}

impl<T: Send + Sync + 'static> Observed for List<T> {
    fn is_open(&self) -> bool {
        self.state().is_open
    }

    fn info(&self) -> TopicInfo {
        let (subscribers, retained) = {
            let state = self.state();
            (state.subscribers.len(), state.last.is_some())
        };
        TopicInfo {
            id: self.id,
            label: self.label.clone(),
            value: type_name::<T>(),
            subscribers,
            published: self.published.load(Ordering::Relaxed),
            delivered: self.delivered.load(Ordering::Relaxed),
            dropped: self.dropped.load(Ordering::Relaxed),
            disconnected: self.disconnected.load(Ordering::Relaxed),
            retained,
        }
    }
}

use std::time::Duration;

use otp_behaviour::HandOver;
use otp_core::runtime::Instant;

/// The options that few servers have: boxed, so that the others are no larger because of them.
pub(crate) struct Rare<S> {
    /// How long the server is idle before it frees memory.
    pub(crate) hibernate_after: Option<Duration>,
    /// What it saves, for its next incarnation.
    pub(crate) hand_over: Option<HandOver>,
    pub(crate) snapshots: Option<Snapshots<S>>,
    /// How long the server whose place it takes was to wait for a message.
    waits: Option<Duration>,
}

/// Saves the state of a server between two callbacks.
pub(crate) struct Snapshots<S> {
    every: Duration,
    /// `None` before the first time that the server waits.
    last: Option<Instant>,
    save: fn(&S, &HandOver),
}

impl<S> Default for Rare<S> {
    fn default() -> Rare<S> {
        Rare { hibernate_after: None, hand_over: None, snapshots: None, waits: None }
    }
}

impl<S> Rare<S> {
    /// What of it holds for another server that takes the place of this one: it does not save the state of another type.
    pub(crate) fn inherit<T>(self) -> Rare<T> {
        Rare { hibernate_after: self.hibernate_after, hand_over: self.hand_over, snapshots: None, waits: None }
    }

    pub(crate) fn waiting(self, waits: Option<Duration>) -> Rare<S> {
        Rare { waits, ..self }
    }

    pub(crate) fn take_waits(&mut self) -> Option<Duration> {
        self.waits.take()
    }

    /// Saves the state if that is due. The server is about to wait for a message.
    pub(crate) fn snapshot(&mut self, state: &S, now: impl FnOnce() -> Instant) {
        let (Some(snapshots), Some(hand_over)) = (&mut self.snapshots, &self.hand_over) else { return };
        let now = now();
        // What `init` has made is not worth saving, and may be what was handed over to it.
        let is_due = snapshots.last.is_some_and(|last| now - last >= snapshots.every);
        if is_due {
            (snapshots.save)(state, hand_over);
        }
        if is_due || snapshots.last.is_none() {
            snapshots.last = Some(now);
        }
    }
}

impl<S: Clone + Send + 'static> Snapshots<S> {
    pub(crate) fn new(every: Duration) -> Snapshots<S> {
        Snapshots { every, last: None, save: |state, hand_over| hand_over.save(state.clone()) }
    }
}

use std::future::poll_fn;
use std::mem;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use async_channel::{Receiver, TrySendError};
use futures::Stream;

use super::{Event, HookGuard};
use crate::process::Foreign;
use crate::switch::Switches;
use crate::system::System;

/// Yields the events of a system from the time of the subscription on, in the order in which they happened on each
/// thread.
///
/// The stream is bounded: if the subscriber does not read, the oldest [`CAPACITY`](Events::CAPACITY) events are kept,
/// or the number passed to [`System::subscribe_with_capacity`]. Events that happen while the stream is full are lost,
/// and counted: in their place, the stream yields one [`Event::Lost`] with their number, and [`lost`](Events::lost)
/// returns the total. Reporting an event never waits for a subscriber.
///
/// Dropping the stream ends the subscription.
#[derive(Debug)]
#[must_use = "dropping it ends the subscription"]
pub struct Events {
    kept: Pin<Box<Receiver<Kept>>>,
    /// The total number of lost events; the hook counts.
    lost: Arc<AtomicU64>,
    /// The number of lost events that the stream has yielded as `Lost`.
    told: u64,
    /// The event after lost ones; it is next once they have been reported.
    held: Option<Event>,
    switches: Switches,
    foreign: Foreign,
    _hook: HookGuard,
}

#[derive(Debug)]
struct Kept {
    event: Event,
    /// The number of events that were lost before it.
    lost: u64,
}

impl Events {
    /// The default capacity: how many events a subscriber may be behind.
    pub const CAPACITY: usize = 1024;

    fn of(system: &System, capacity: usize) -> Events {
        let (sender, receiver) = async_channel::bounded(capacity.max(1));
        let lost = Arc::new(AtomicU64::new(0));
        let count = lost.clone();
        let hook = system.events().add(
            Arc::new(move |event| {
                let kept = Kept { event: event.clone(), lost: count.load(Ordering::Acquire) };
                if let Err(TrySendError::Full(_)) = sender.try_send(kept) {
                    count.fetch_add(1, Ordering::Release);
                }
            }),
            true,
        );
        Events {
            kept: Box::pin(receiver),
            lost,
            told: 0,
            held: None,
            switches: Switches::of(system),
            foreign: Foreign::default(),
            _hook: hook,
        }
    }

    /// Returns the next event; waits for it.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no event is lost.
    pub async fn next(&mut self) -> Event {
        match poll_fn(|cx| self.poll_event(cx)).await {
            Some(event) => event,
            // The system is gone: there will be no further event.
            None => std::future::pending().await,
        }
    }

    /// Returns the next event, if it has already happened.
    pub fn try_next(&mut self) -> Option<Event> {
        if let Some(event) = self.held.take() {
            return Some(event);
        }
        let lost = self.lost();
        match self.kept.try_recv() {
            Ok(kept) => Some(self.in_order(kept)),
            Err(_) => self.missing(lost),
        }
    }

    /// Returns how many events this subscriber has lost so far, including those that the stream has not yet reported.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Acquire)
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        let switches = mem::replace(&mut self.switches, Switches::none());
        let event = switches.before(cx, |cx| self.poll_kept(cx));
        self.switches = switches;
        event
    }

    fn poll_kept(&mut self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        if let Some(event) = self.held.take() {
            return Poll::Ready(Some(event));
        }
        // Read before the look at the queue: if the queue is empty then, events kept before the loss have been read.
        let lost = self.lost();
        match self.kept.as_mut().poll_next(cx) {
            Poll::Ready(Some(kept)) => Poll::Ready(Some(self.in_order(kept))),
            Poll::Ready(None) => Poll::Ready(self.missing(lost)),
            Poll::Pending => match self.missing(lost) {
                Some(event) => Poll::Ready(Some(event)),
                None => self.foreign.wait(cx).or_leave(),
            },
        }
    }

    /// Returns the event, or a `Lost` that belongs before it.
    fn in_order(&mut self, kept: Kept) -> Event {
        match self.missing(kept.lost) {
            Some(missing) => {
                self.held = Some(kept.event);
                missing
            }
            None => kept.event,
        }
    }

    /// Returns a `Lost` if some of the first `lost` lost events have not been reported.
    fn missing(&mut self, lost: u64) -> Option<Event> {
        let untold = lost.saturating_sub(self.told);
        self.told += untold;
        (untold > 0).then_some(Event::Lost(untold))
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.poll_event(cx)
    }
}

impl System {
    /// Subscribes to all events from now on; see [`Events`] for what a slow subscriber loses.
    pub fn subscribe(&self) -> Events {
        self.subscribe_with_capacity(Events::CAPACITY)
    }

    /// Subscribes to events with another capacity: the subscriber may be behind by `capacity` events, at least one.
    /// Their memory is allocated at once. See [`subscribe`](System::subscribe).
    pub fn subscribe_with_capacity(&self, capacity: usize) -> Events {
        Events::of(self, capacity)
    }
}

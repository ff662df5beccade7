use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use async_channel::{Receiver, TrySendError};
use futures::Stream;

use super::{Event, EventBus, HookGuard};
use crate::system::System;

/// A stream of the events of a system from the time of the subscription on, in the order in which they happened on each
/// thread.
///
/// It is bounded: of a subscriber that does not read, the oldest [`CAPACITY`](Events::CAPACITY) events are kept, or as
/// many as it asked for with [`System::subscribe_with_capacity`]. Those that come while it is full are lost, and counted:
/// where they are missing, the stream has one [`Event::Lost`] with their number, and [`lost`](Events::lost) is their
/// number in all. What happens never waits for a subscriber.
///
/// Dropping it ends the subscription.
#[derive(Debug)]
#[must_use = "dropping it ends the subscription"]
pub struct Events {
    kept: Pin<Box<Receiver<Kept>>>,
    /// How many were lost, in all; the hook counts.
    lost: Arc<AtomicU64>,
    /// How many the subscriber was told that it has lost.
    told: u64,
    /// An event before which some were lost, and which is next now that this was told.
    held: Option<Event>,
    _hook: HookGuard,
}

#[derive(Debug)]
struct Kept {
    event: Event,
    /// How many were lost before it.
    lost: u64,
}

impl Events {
    /// How many events a subscriber may be behind, unless it asks for another number.
    pub const CAPACITY: usize = 1024;

    fn of(bus: &Arc<EventBus>, capacity: usize) -> Events {
        let (sender, receiver) = async_channel::bounded(capacity.max(1));
        let lost = Arc::new(AtomicU64::new(0));
        let count = lost.clone();
        let hook = bus.add(Arc::new(move |event| {
            let kept = Kept { event: event.clone(), lost: count.load(Ordering::Acquire) };
            if let Err(TrySendError::Full(_)) = sender.try_send(kept) {
                count.fetch_add(1, Ordering::Release);
            }
        }));
        Events { kept: Box::pin(receiver), lost, told: 0, held: None, _hook: hook }
    }

    /// The next event; waits for it.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no event is lost.
    pub async fn next(&mut self) -> Event {
        match poll_fn(|cx| self.poll_event(cx)).await {
            Some(event) => event,
            // The system is gone: nothing will happen any more.
            None => std::future::pending().await,
        }
    }

    /// The next event, if it has happened.
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

    /// How many events this subscriber has lost so far, including those that the stream has not come to.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Acquire)
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        if let Some(event) = self.held.take() {
            return Poll::Ready(Some(event));
        }
        // Read before the look: if nothing is there then, what was kept before the loss has been read.
        let lost = self.lost();
        match self.kept.as_mut().poll_next(cx) {
            Poll::Ready(Some(kept)) => Poll::Ready(Some(self.in_order(kept))),
            Poll::Ready(None) => Poll::Ready(self.missing(lost)),
            Poll::Pending => self.missing(lost).map_or(Poll::Pending, |event| Poll::Ready(Some(event))),
        }
    }

    /// The event, or that some were lost before it.
    fn in_order(&mut self, kept: Kept) -> Event {
        match self.missing(kept.lost) {
            Some(missing) => {
                self.held = Some(kept.event);
                missing
            }
            None => kept.event,
        }
    }

    /// That some of the first `lost` lost events have not been told, if that is so.
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
    /// The stream of events from now on; see [`Events`] for what a slow subscriber loses.
    pub fn subscribe(&self) -> Events {
        self.subscribe_with_capacity(Events::CAPACITY)
    }

    /// As [`subscribe`](System::subscribe), for a subscriber that may be behind by `capacity` events, at least one.
    /// Their memory is taken at once.
    pub fn subscribe_with_capacity(&self, capacity: usize) -> Events {
        Events::of(self.events(), capacity)
    }
}

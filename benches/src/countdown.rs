use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use futures::task::AtomicWaker;

/// Counts events that happen anywhere, for one task that waits for the last of them; the same for every system.
#[derive(Clone)]
pub struct Countdown(Arc<Inner>);

struct Inner {
    left: AtomicU64,
    waiter: AtomicWaker,
}

impl Countdown {
    pub fn new(events: u64) -> Countdown {
        Countdown(Arc::new(Inner { left: AtomicU64::new(events), waiter: AtomicWaker::new() }))
    }

    /// One of the events has happened.
    pub fn count(&self) {
        if self.0.left.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.waiter.wake();
        }
    }

    /// Counts again from `events`, for the next time.
    pub fn reset(&self, events: u64) {
        self.0.left.store(events, Ordering::Release);
    }
}

/// Ready when all events have happened.
impl Future for &Countdown {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.waiter.register(cx.waker());
        match self.0.left.load(Ordering::Acquire) {
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    }
}

/// Counts when it is dropped: when the actor whose state it is part of has ended.
pub struct CountsAtEnd(pub Countdown);

impl Drop for CountsAtEnd {
    fn drop(&mut self) {
        self.0.count();
    }
}

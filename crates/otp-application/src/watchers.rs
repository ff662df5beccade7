use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use otp_core::behaviour::may_block;

/// Those who wait for something to become true, on any executor.
#[derive(Default)]
pub(crate) struct Watchers(Mutex<List>);

#[derive(Default)]
struct List {
    next: u64,
    wakers: Vec<(u64, Waker)>,
}

impl Watchers {
    /// Wakes all. What they wait for has to be true before.
    pub(crate) fn wake(&self) {
        let wakers = std::mem::take(&mut self.lock().wakers);
        // Code of users, and so under no lock.
        wakers.into_iter().for_each(|(_, waker)| waker.wake());
    }

    fn lock(&self) -> MutexGuard<'_, List> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits until `look` returns something; it is called under no lock.
pub(crate) struct Watching<F> {
    watchers: Arc<Watchers>,
    look: F,
    id: Option<u64>,
}

impl<T, F: FnMut() -> Option<T> + Unpin> Watching<F> {
    pub(crate) fn new(watchers: Arc<Watchers>, look: F) -> Watching<F> {
        Watching { watchers, look, id: None }
    }
}

impl<T, F: FnMut() -> Option<T> + Unpin> Future for Watching<F> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<T> {
        let waker = cx.waker().clone();
        let id = self.id;
        let mut list = self.watchers.lock();
        let known = id.and_then(|id| list.wakers.iter_mut().find(|(other, _)| *other == id));
        let (id, old) = match known {
            Some((id, place)) => (*id, Some(std::mem::replace(place, waker))),
            None => {
                list.next += 1;
                let id = list.next;
                list.wakers.push((id, waker));
                (id, None)
            }
        };
        drop(list);
        drop(old);
        self.id = Some(id);
        // After the registration: what becomes true from now on wakes.
        match (self.look)() {
            Some(value) => Poll::Ready(value),
            None => may_block(Poll::Pending, cx),
        }
    }
}

impl<F> Drop for Watching<F> {
    fn drop(&mut self) {
        let Some(id) = self.id else { return };
        let mut list = self.watchers.lock();
        let place = list.wakers.iter().position(|(other, _)| *other == id);
        let waker = place.map(|place| list.wakers.swap_remove(place));
        drop(list);
        drop(waker);
    }
}

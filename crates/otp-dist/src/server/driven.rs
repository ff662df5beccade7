use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use otp_behaviour::contain;

use super::Answering;

/// Runs the future of an answer where and when it is woken, and not later by another process: what a server sends after its
/// answer, and its end, come after it.
pub(crate) struct Driven(Mutex<State>);

struct State {
    /// `None` while it is polled, and once it is ready.
    future: Option<Answering>,
    polled: bool,
    /// It was woken while it was polled.
    woken: bool,
}

impl Driven {
    pub(crate) fn run(future: Answering) {
        let driven = Arc::new(Driven(Mutex::new(State { future: Some(future), polled: false, woken: false })));
        driven.poll();
    }

    fn poll(self: &Arc<Self>) {
        let taken = {
            let mut state = self.lock();
            state.woken = state.polled;
            state.future.take().inspect(|_| state.polled = true)
        };
        let Some(mut future) = taken else { return };
        let waker = Waker::from(self.clone());
        loop {
            let polled = contain(|| future.as_mut().poll(&mut Context::from_waker(&waker)));
            let mut state = self.lock();
            let is_woken = std::mem::take(&mut state.woken);
            match polled {
                Ok(Poll::Pending) if is_woken => {}
                Ok(Poll::Pending) => {
                    state.polled = false;
                    state.future = Some(future);
                    return;
                }
                Ok(Poll::Ready(())) | Err(_) => return,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Driven {
    fn wake(self: Arc<Self>) {
        self.poll();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.poll();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::channel::oneshot;

    #[test]
    fn a_future_runs_where_it_is_woken() {
        let (send, receive) = oneshot::channel();
        let (done, mut is_done) = oneshot::channel();
        Driven::run(Box::pin(async move {
            let _ = done.send(receive.await);
        }));
        assert_eq!(is_done.try_recv(), Ok(None));
        send.send(5).unwrap();
        assert_eq!(is_done.try_recv(), Ok(Some(Ok(5))));
    }

    #[test]
    fn a_future_that_wakes_itself_is_polled_again() {
        let mut polls = 0;
        let (done, mut is_done) = oneshot::channel();
        let mut done = Some(done);
        Driven::run(Box::pin(std::future::poll_fn(move |cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            if polls < 3 {
                return Poll::Pending;
            }
            let _ = done.take().map(|done| done.send(polls));
            Poll::Ready(())
        })));
        assert_eq!(is_done.try_recv(), Ok(Some(3)));
    }
}

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use otp_behaviour::contain;

use super::{Answer, Answering};

/// Runs the future of an answer where and when it is woken, and not later by another process: what a server sends after its
/// answer, and its end, come after it.
pub(crate) struct Driven {
    state: Mutex<State>,
    send: Box<dyn Fn(Answer) + Send + Sync>,
}

struct State {
    /// `None` while it is polled, and once it is ready.
    future: Option<Answering>,
    polled: bool,
    /// It was woken while it was polled.
    woken: bool,
}

impl Driven {
    /// Returns the answer, if it is there at once. While this runs, the server may go on in another thread: hold back what
    /// it sends. An answer that comes later is given to `send`.
    pub(crate) fn run(future: Answering, send: impl Fn(Answer) + Send + Sync + 'static) -> Option<Answer> {
        let state = State { future: Some(future), polled: false, woken: false };
        Arc::new(Driven { state: Mutex::new(state), send: Box::new(send) }).poll()
    }

    fn poll(self: &Arc<Self>) -> Option<Answer> {
        let taken = {
            let mut state = self.lock();
            state.woken = state.polled;
            state.future.take().inspect(|_| state.polled = true)
        };
        let mut future = taken?;
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
                    return None;
                }
                Ok(Poll::Ready(answer)) => return answer,
                Err(_) => return None,
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Driven {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if let Some(answer) = self.poll() {
            (self.send)(answer);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::Destination;
    use futures::channel::oneshot;
    use otp_core::Pid;

    fn answer() -> Option<Answer> {
        let nobody = otp_etf::Pid::new(otp_etf::Atom::from_static("a@h"), 1, 0, 1);
        Some(Answer { by: Pid::SYSTEM, to: Destination::Pid(nobody), payload: Vec::new() })
    }

    #[test]
    fn a_future_runs_where_it_is_woken() {
        let (send, receive) = oneshot::channel::<()>();
        let (sent, is_sent) = std::sync::mpsc::channel();
        let at_once = Driven::run(
            Box::pin(async move {
                receive.await.unwrap();
                answer()
            }),
            move |_| sent.send(()).unwrap(),
        );
        assert!(at_once.is_none() && is_sent.try_recv().is_err());
        send.send(()).unwrap();
        assert_eq!(is_sent.try_recv(), Ok(()));
    }

    #[test]
    fn a_future_that_wakes_itself_is_polled_again_and_its_answer_is_there_at_once() {
        let mut polls = 0;
        let future = std::future::poll_fn(move |cx| {
            polls += 1;
            cx.waker().wake_by_ref();
            if polls < 3 { Poll::Pending } else { Poll::Ready(answer()) }
        });
        assert!(Driven::run(Box::pin(future), |_| panic!("it is returned")).is_some());
    }
}

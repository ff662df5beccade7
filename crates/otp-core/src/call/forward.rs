use std::sync::Arc;
use std::task::{Poll, Waker};

use futures::task::{ArcWake, waker};

use super::reply_to::ReplyTo;
use crate::cell::{Answer, Caller, slot};
use crate::event::task_crashed;
use crate::exit::{ExitReason, contain};
use crate::sync::Mutex;

impl<R: Send + 'static> ReplyTo<R> {
    /// Makes a token whose answer goes to a closure instead of a call: the reply, or `None` if the token is dropped.
    /// For a proxy, a pool or a connection to another node that takes part in a call.
    ///
    /// The closure is called once, on the thread that replies, and must not block. A panic in it is reported as a crash
    /// and has no other effect. [`is_awaited`](ReplyTo::is_awaited) is true until the closure is called. A token that a
    /// process drops counts as dropped when the process continues, or has ended.
    ///
    /// ```
    /// use std::sync::mpsc;
    /// use otp::ReplyTo;
    ///
    /// let (sender, answers) = mpsc::channel();
    /// let dropped = sender.clone();
    /// ReplyTo::with(move |answer| sender.send(answer).unwrap()).reply(42);
    /// drop(ReplyTo::<i32>::with(move |answer| dropped.send(answer).unwrap()));
    /// assert_eq!(answers.into_iter().collect::<Vec<_>>(), [Some(42), None]);
    /// ```
    pub fn with(answer: impl FnOnce(Option<R>) + Send + 'static) -> ReplyTo<R> {
        let (mut caller, token) = slot();
        let forward = Arc::new(Forward(Mutex::new(None)));
        let unanswered = caller.poll(&waker(forward.clone())).is_pending();
        debug_assert!(unanswered, "nobody else has the token yet");
        *forward.0.lock() = Some((caller, answer));
        ReplyTo::new(token)
    }
}

/// The closure takes the place of the caller's waker: a token is no larger because of it, and a reply no slower.
struct Forward<R: Send, F>(Mutex<Option<(Caller<R, ExitReason>, F)>>);

impl<R: Send + 'static, F: FnOnce(Option<R>) + Send + 'static> ArcWake for Forward<R, F> {
    fn wake_by_ref(this: &Arc<Self>) {
        let Some((mut caller, closure)) = this.0.lock().take() else { return };
        let answer = match caller.poll(Waker::noop()) {
            Poll::Ready(Answer::Reply(reply)) => Some(reply),
            Poll::Ready(Answer::Dropped | Answer::Shed | Answer::Exited(_)) => None,
            Poll::Pending => unreachable!("it is woken by the answer, and by nothing else"),
        };
        if let Err(crash) = contain(|| closure(answer)) {
            task_crashed("the closure of a reply token", crash);
        }
    }
}

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::thread::{self, Thread};

use futures::task::{ArcWake, waker};

use super::Task;

/// Wakes a thread that polls one future.
struct Parked {
    thread: Thread,
    /// The token of the thread is not enough: the code of the future may park it, too.
    woken: AtomicBool,
}

impl ArcWake for Parked {
    fn wake_by_ref(this: &Arc<Self>) {
        if !this.woken.swap(true, Ordering::AcqRel) {
            this.thread.unpark();
        }
    }
}

/// Polls a future on the calling thread until it is ready, and parks the thread in between.
pub(crate) fn block_on<F: Future>(future: F) -> F::Output {
    let parked = Arc::new(Parked { thread: thread::current(), woken: AtomicBool::new(false) });
    let (mut future, waker) = (pin!(future), waker(parked.clone()));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        // A thread may be unparked by others, too.
        while !parked.woken.swap(false, Ordering::AcqRel) {
            thread::park();
        }
    }
}

impl Task {
    /// Polls the task on the calling thread until it is ready, and parks the thread meanwhile; for
    /// [`Runtime::spawn_thread`](super::Runtime::spawn_thread).
    pub fn run(self) {
        block_on(self);
    }
}

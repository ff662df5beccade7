use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Context;
use std::thread::{self, Thread};

use futures::task::{ArcWake, waker};

use super::Task;

/// Wakes a thread that polls one task.
struct Parked {
    thread: Thread,
    /// The token of the thread is not enough: the code of the task may park it, too.
    woken: AtomicBool,
}

impl ArcWake for Parked {
    fn wake_by_ref(this: &Arc<Self>) {
        if !this.woken.swap(true, Ordering::AcqRel) {
            this.thread.unpark();
        }
    }
}

impl Task {
    /// Polls the task on the calling thread until it is ready, and parks the thread meanwhile; for
    /// [`Runtime::spawn_thread`](super::Runtime::spawn_thread).
    pub fn run(mut self) {
        let parked = Arc::new(Parked { thread: thread::current(), woken: AtomicBool::new(true) });
        let waker = waker(parked.clone());
        let mut cx = Context::from_waker(&waker);
        loop {
            if !parked.woken.swap(false, Ordering::AcqRel) {
                thread::park();
            } else if Pin::new(&mut self).poll(&mut cx).is_ready() {
                return;
            }
        }
    }
}

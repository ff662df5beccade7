use std::cell::Cell;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};

use otp_core::runtime::Task;

use crate::fault::Fault;

thread_local! {
    static POLLING: Cell<Option<Polled>> = const { Cell::new(None) };
}

/// What a thread polls.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Polled {
    Main,
    Task,
}

/// What the calling thread is in the middle of polling.
pub(crate) fn polling() -> Option<Polled> {
    POLLING.get()
}

/// Marks the calling thread as polling, as long as this lives.
pub(crate) struct Busy {
    before: Option<Polled>,
}

impl Busy {
    pub(crate) fn with(polled: Polled) -> Busy {
        Busy { before: POLLING.replace(Some(polled)) }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        POLLING.set(self.before);
    }
}

/// A task with a fault.
pub(crate) struct BadTask {
    /// Shared with wakers only under [`Fault::WakersKeepTasks`].
    task: Arc<Mutex<Option<Task>>>,
    fault: Fault,
    over: Arc<AtomicBool>,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    polling: AtomicBool,
    woken_in_poll: AtomicBool,
    ended: AtomicBool,
}

impl BadTask {
    pub(crate) fn new(task: Task, fault: Fault, over: Arc<AtomicBool>) -> BadTask {
        BadTask { task: Arc::new(Mutex::new(Some(task))), fault, over, state: Arc::default() }
    }

    fn poll_once(&self, waker: &Waker) -> Poll<()> {
        let mut task = self.task.lock().unwrap();
        let Some(running) = task.as_mut() else { return Poll::Ready(()) };
        let _busy = Busy::with(Polled::Task);
        self.state.polling.store(true, Ordering::SeqCst);
        let poll = Pin::new(running).poll(&mut Context::from_waker(waker));
        self.state.polling.store(false, Ordering::SeqCst);
        if poll.is_ready() || self.fault == Fault::DropsTasksThatWait {
            *task = None;
            return Poll::Ready(());
        }
        poll
    }
}

impl Future for BadTask {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let waker = Waker::from(Arc::new(BadWaker {
            good: cx.waker().clone(),
            fault: this.fault,
            state: this.state.clone(),
            _kept: (this.fault == Fault::WakersKeepTasks).then(|| this.task.clone()),
        }));
        let mut poll = this.poll_once(&waker);
        while this.fault == Fault::PollsAgainAtOnce
            && poll.is_pending()
            && this.state.woken_in_poll.swap(false, Ordering::SeqCst)
            && !this.over.load(Ordering::SeqCst)
        {
            poll = this.poll_once(&waker);
        }
        poll
    }
}

impl Drop for BadTask {
    fn drop(&mut self) {
        self.state.ended.store(true, Ordering::SeqCst);
        if self.fault == Fault::LeaksTasks {
            std::mem::forget(self.task.clone());
        }
    }
}

struct BadWaker {
    good: Waker,
    fault: Fault,
    state: Arc<State>,
    _kept: Option<Arc<Mutex<Option<Task>>>>,
}

impl Wake for BadWaker {
    fn wake(self: Arc<Self>) {
        let polled = self.state.polling.load(Ordering::SeqCst);
        match self.fault {
            Fault::PollsAgainAtOnce if polled => return self.state.woken_in_poll.store(true, Ordering::SeqCst),
            Fault::LosesWakesDuringPolls if polled => return,
            Fault::LosesForeignWakes if polling().is_none() => return,
            Fault::PanicsAtLateWakes => {
                assert!(!self.state.ended.load(Ordering::SeqCst), "a wake-up after the end");
            }
            _ => {}
        }
        self.good.wake_by_ref();
    }
}

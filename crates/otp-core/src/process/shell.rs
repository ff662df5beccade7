use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::task::Waker;

use super::arrival::Arrival;
use super::hand_over::poll_beside;
use super::header::{AnyProcess, Header};
use super::mailbox::Added;
use crate::exit::contain;
use crate::sync::OnceLock;

thread_local! {
    /// What is still to be ended, while the calling thread ends one.
    static ORPHANS: RefCell<Option<VecDeque<Arc<dyn AnyProcess>>>> = const { RefCell::new(None) };
}

/// The executor's waker for the task that polls a process, once there is one.
///
/// An executor always wakes a task in the same way, so the first waker is kept, and read without a lock. A waker of
/// another kind is stored in the process's relations.
#[derive(Default)]
pub(crate) struct Shell(OnceLock<Waker>);

impl Header {
    /// Stores the waker of the process; called before the run lock is taken, so that a thread that finds the process
    /// asleep also finds its waker.
    pub(crate) fn set_shell(&self, waker: &Waker) {
        let first = self.shell.0.get_or_init(|| waker.clone());
        if !first.will_wake(waker) || self.state.is_moved() {
            self.move_shell(waker);
        }
    }

    #[cold]
    fn move_shell(&self, waker: &Waker) {
        let waker = Arc::new(waker.clone());
        let mut relations = self.relations.lock();
        let Some(alive) = relations.alive() else { return };
        let stale = alive.rare().shell.replace(waker);
        self.state.set_moved();
        drop(relations);
        drop(stale);
    }

    /// Makes the executor poll the process.
    pub(crate) fn wake_shell(&self) {
        match self.shell.0.get() {
            Some(waker) if self.state.is_reached_as_at_first() => waker.wake_by_ref(),
            Some(first) => self.wake_elsewhere(first),
            None => self.make_task(),
        }
        // A process on a thread is ended there: its state must not be dropped elsewhere.
        if self.system.runtime().is_gone() && !self.is_on_thread() {
            self.orphan();
        }
    }

    /// Whether a task of the executor polls the process.
    pub(crate) fn has_task(&self) -> bool {
        self.shell.0.get().is_some()
    }

    /// Whether the executor ends the process by dropping its task.
    pub(super) fn ends_with_its_task(&self) -> bool {
        self.has_task() && !self.state.is_lent()
    }

    /// Makes the task of a process that has run without one. No other thread does so: who wakes a process is alone until
    /// that has been polled, and a process with a task counts as woken before the first poll of that.
    #[cold]
    fn make_task(&self) {
        if let Some(process) = self.system.table().find(self.pid) {
            process.spawn_task();
        }
    }

    /// As [`wake_shell`](Header::wake_shell), of a process whose task has another waker than the `first` one, or is lent.
    #[cold]
    fn wake_elsewhere(&self, first: &Waker) {
        // One that has ended is not in the table any more: its task is to be polled, to end.
        if self.state.is_lent()
            && let Some(process) = self.system.table().find(self.pid)
        {
            return poll_beside(process);
        }
        self.moved_shell().as_deref().unwrap_or(first).wake_by_ref();
    }

    #[cold]
    fn moved_shell(&self) -> Option<Arc<Waker>> {
        self.relations.lock().alive().and_then(|alive| alive.existing_rare()?.shell.clone())
    }

    /// Ends the process, which its executor may have forgotten. Its end may wake others, which are ended then: one after
    /// the other, and not inside each other, for there may be many.
    #[cold]
    pub(super) fn orphan(&self) {
        let Some(process) = self.system.table().find(self.pid) else { return };
        let is_first = ORPHANS.try_with(|orphans| {
            let mut orphans = orphans.borrow_mut();
            let is_first = orphans.is_none();
            orphans.get_or_insert_default().push_back(process.clone());
            is_first
        });
        match is_first {
            Ok(true) => {
                while let Some(next) = ORPHANS.with_borrow_mut(|orphans| orphans.as_mut()?.pop_front()) {
                    drop(contain(|| next.orphan()));
                }
                ORPHANS.set(None);
            }
            Ok(false) => {}
            // The thread is about to end.
            Err(_) => process.orphan(),
        }
    }

    /// Wakes the process, from any thread.
    pub(crate) fn notify(&self) {
        if self.state.notify() {
            self.wake_shell();
        }
    }

    /// Wakes the process after something was put into its mailbox, and any other task that receives from it.
    ///
    /// It returns the place of what was put there.
    pub(crate) fn notify_pushed(&self, added: Added) -> Arrival {
        self.notify_pushed_and(added, Header::wake_shell)
    }

    /// As [`notify_pushed`](Header::notify_pushed); the running process may hand over to this one, which `process` returns.
    #[inline]
    pub(super) fn notify_sent(&self, added: Added, process: impl FnOnce() -> Arc<dyn AnyProcess>) -> Arrival {
        self.notify_pushed_and(added, |this| this.schedule(process))
    }

    #[inline]
    fn notify_pushed_and(&self, added: Added, wake: impl FnOnce(&Header)) -> Arrival {
        let place = added.place();
        added.wake();
        if self.state.notify_pushed() {
            wake(self);
        }
        place
    }
}

use std::task::Waker;

use super::header::Header;
use super::mailbox::Added;
use crate::sync::OnceLock;

/// The executor's waker for the task that polls a process.
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
        let mut relations = self.relations.lock();
        let Some(alive) = relations.alive() else { return };
        let stale = alive.rare().shell.replace(waker.clone());
        self.state.set_moved();
        drop(relations);
        drop(stale);
    }

    /// Makes the executor poll the process.
    pub(crate) fn wake_shell(&self) {
        let moved = self.state.is_moved().then(|| self.moved_shell()).flatten();
        // Before its first poll a process counts as woken.
        match moved {
            Some(waker) => waker.wake(),
            None => self.shell.0.get().map_or((), Waker::wake_by_ref),
        }
        if self.system.runtime().is_gone() {
            self.orphan();
        }
    }

    #[cold]
    fn moved_shell(&self) -> Option<Waker> {
        self.relations.lock().alive().and_then(|alive| alive.existing_rare()?.shell.clone())
    }

    /// Ends the process, which its executor may have forgotten.
    #[cold]
    fn orphan(&self) {
        if let Some(process) = self.system.table().find(self.pid) {
            process.orphan();
        }
    }

    /// Wakes the process, from any thread.
    pub(crate) fn notify(&self) {
        if self.state.notify() {
            self.wake_shell();
        }
    }

    /// Wakes the process after something was put into its mailbox, and any other task that receives from it.
    pub(crate) fn notify_pushed(&self, added: Added) {
        added.wake();
        if self.state.notify_pushed() {
            self.wake_shell();
        }
    }
}

use std::convert::Infallible;

use futures::channel::oneshot;

use crate::exit::contain;
use crate::runtime::Task;
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicU8, Ordering};
use crate::system::{System, WeakSystem};

/// Ends the processes that have no task when the executor is dropped. That ends the others by dropping their tasks; these
/// have begun [at once](super::at_once), and were not woken since. So it does with those whose task is [lent](super::hand_over):
/// that may stand in a poll that is never over, and is not dropped then.
///
/// It is a task that waits for the end of the system, and does its work when it is dropped before.
#[derive(Default)]
pub(crate) struct Guardian {
    state: AtomicU8,
    /// Dropped with the system.
    system_lives: Mutex<Option<oneshot::Sender<Infallible>>>,
}

const ABSENT: u8 = 0;
const PRESENT: u8 = 1;
const GONE: u8 = 2;

impl Guardian {
    /// Whether it will end a process of its system that is in the table by now; it is called, if it never was. Once the
    /// executor is gone there is none.
    ///
    /// It says that it is gone before it looks into the table. If it has come to the process's place before that was there,
    /// the lock of the table makes this seen here.
    pub(super) fn is_there(&self, system: &System) -> bool {
        let is_absent = self.state.load(Ordering::Acquire) == ABSENT;
        if is_absent && self.state.compare_exchange(ABSENT, PRESENT, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            self.call(system);
        }
        self.state.load(Ordering::Acquire) == PRESENT
    }

    #[cold]
    fn call(&self, system: &System) {
        let (lives, ended) = oneshot::channel::<Infallible>();
        *self.system_lives.lock() = Some(lives);
        let ends_all = EndsAll(system.downgrade());
        system.runtime().spawn(Task::new(async move {
            let _ends_all = ends_all;
            let _: Result<Infallible, oneshot::Canceled> = ended.await;
        }));
    }
}

struct EndsAll(WeakSystem);

impl Drop for EndsAll {
    fn drop(&mut self) {
        let Some(system) = self.0.upgrade() else { return };
        system.guardian().state.store(GONE, Ordering::Release);
        for pid in system.table().pids() {
            if let Some(process) = system.table().find(pid).filter(|process| !process.header().ends_with_its_task()) {
                drop(contain(|| process.orphan()));
            }
        }
    }
}

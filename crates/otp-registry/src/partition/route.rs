use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use otp_behaviour::contain;
use otp_core::{Label, Pid, ProcessRef, Route, System, Watch, WrongType};

/// One partition: who it is now. It outlives the process, and its supervisor.
pub(super) struct Partition<M> {
    pub(super) system: System,
    pub(super) label: Label,
    state: Mutex<State<M>>,
}

struct State<M> {
    process: Option<ProcessRef<M>>,
    /// Who waits for the next process.
    wakers: Vec<(u64, Waker)>,
    count: u64,
}

impl<M: Send + 'static> Partition<M> {
    pub(super) fn new(system: &System, label: Label) -> Partition<M> {
        let state = State { process: None, wakers: Vec::new(), count: 0 };
        Partition { system: system.clone(), label, state: Mutex::new(state) }
    }

    /// Notes that the partition has started.
    pub(super) fn started(&self, pid: Pid) {
        // It may have ended already, and then nobody is found, as before.
        let process = ProcessRef::of(&self.system, pid).ok();
        let (old, wakers) = {
            let mut state = self.state();
            (std::mem::replace(&mut state.process, process), std::mem::take(&mut state.wakers))
        };
        drop(old);
        for (_, waker) in wakers {
            // A waker may be user code. What it does wrong harms neither the supervisor nor others that wait.
            let _ = contain(|| waker.wake());
        }
    }

    fn state(&self) -> MutexGuard<'_, State<M>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn forget(&self, number: u64) {
        let waker = {
            let mut state = self.state();
            let at = state.wakers.iter().position(|(its, _)| *its == number);
            at.map(|at| state.wakers.swap_remove(at))
        };
        // Not under the lock.
        drop(waker);
    }
}

/// The route to a partition.
pub(super) struct ToPartition<M>(pub(super) Arc<Partition<M>>);

impl<M: Send + 'static> Route<M> for ToPartition<M> {
    fn find(&self) -> Result<Option<ProcessRef<M>>, WrongType> {
        let process = self.0.state().process.clone();
        Ok(process.filter(ProcessRef::is_alive))
    }

    fn system(&self) -> &System {
        &self.0.system
    }

    fn label(&self) -> Label {
        self.0.label.clone()
    }

    fn watch(&self, waker: &Waker) -> Option<Watch> {
        let waker = waker.clone();
        let number = {
            let mut state = self.0.state();
            state.count += 1;
            let number = state.count;
            state.wakers.push((number, waker));
            number
        };
        let partition = self.0.clone();
        Some(Watch::new(move || partition.forget(number)))
    }
}

impl<M> fmt::Debug for ToPartition<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.label)
    }
}

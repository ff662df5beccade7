use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use otp_core::{Belonging, End, Label, Pid, Process, System};

/// What a borrower can know of a pool that does not answer it: for the error of a checkout that takes too long.
#[derive(Debug, Default)]
pub(super) struct Gauge {
    pub(super) limit: usize,
    pub(super) workers: AtomicUsize,
    busy: AtomicUsize,
    pub(super) waiting: AtomicUsize,
}

/// The gauges of the pools of a system.
#[derive(Default)]
struct Gauges(Mutex<HashMap<Pid, Arc<Gauge>>>);

impl Gauge {
    /// A gauge for a pool, as long as its process lives.
    pub(super) fn install(pool: &Process, limit: usize) -> Arc<Gauge> {
        let gauges = pool.system().slot::<Gauges>();
        let gauge = Arc::new(Gauge { limit, ..Gauge::default() });
        gauges.lock().insert(pool.pid(), gauge.clone());
        pool.keep(Entry(gauges));
        gauge
    }

    /// The gauge of a pool, if it is one that lives.
    pub(super) fn of(system: &System, pool: Pid) -> Option<Arc<Gauge>> {
        system.slot::<Gauges>().lock().get(&pool).cloned()
    }

    pub(super) fn set(&self, workers: usize, busy: usize, waiting: usize) {
        self.workers.store(workers, Ordering::Relaxed);
        self.busy.store(busy, Ordering::Relaxed);
        self.waiting.store(waiting, Ordering::Relaxed);
    }
}

impl Gauges {
    fn lock(&self) -> MutexGuard<'_, HashMap<Pid, Arc<Gauge>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The figures of a pool, for metrics; returned by [`pools`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolFigures {
    /// The pid of the pool.
    pub pid: Pid,
    /// The name or the label of the pool.
    pub label: Option<Label>,
    /// How many workers it may have at most.
    pub limit: usize,
    /// All workers that have started and not ended.
    pub workers: usize,
    /// The workers that are borrowed.
    pub busy: usize,
    /// Borrowers that wait for a worker.
    pub waiting: usize,
}

/// Returns the figures of all pools of a system, without asking them: in the order in which they were started.
/// [`PoolRef::status`](super::PoolRef::status) asks a pool, and tells more.
pub fn pools(system: &System) -> Vec<PoolFigures> {
    let gauges = system.slot::<Gauges>();
    let mut all: Vec<_> = gauges.lock().iter().map(|(pid, gauge)| (*pid, gauge.clone())).collect();
    all.sort_unstable_by_key(|(pid, _)| *pid);
    let figures = |(pid, gauge): (Pid, Arc<Gauge>)| PoolFigures {
        pid,
        label: system.label(pid),
        limit: gauge.limit,
        workers: gauge.workers.load(Ordering::Relaxed),
        busy: gauge.busy.load(Ordering::Relaxed),
        waiting: gauge.waiting.load(Ordering::Relaxed),
    };
    all.into_iter().map(figures).collect()
}

struct Entry(Arc<Gauges>);

impl Belonging for Entry {
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        self.0.lock().remove(&end.pid);
    }
}

//! How long processes run: measured only while somebody wants to know.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use otp_core::event::{Seen, Spectator, SpectatorGuard};
use otp_core::runtime::Instant;
use otp_core::scope::CancelScope;
use otp_core::{Pid, System};

use crate::look::Most;

/// Measures how long processes run, as long as somebody asks: each run is timed, which costs something, and nothing else
/// does.
pub(crate) struct RunTimes {
    system: System,
    measuring: Arc<Mutex<Option<Measuring>>>,
    /// Runs what ends the measuring.
    ends: CancelScope,
}

struct Measuring {
    ran: Arc<Ran>,
    _seat: SpectatorGuard,
    since: Instant,
    asked: Instant,
    /// The busiest of the last period.
    last: Vec<(Pid, f64)>,
}

/// How long processes ran since they were last looked at. Many threads tell it at once, and rarely of the same process.
#[derive(Default)]
struct Ran {
    shards: [Mutex<HashMap<Pid, Duration>>; 16],
    hasher: RandomState,
}

/// For how long the runs are added up, at least.
const PERIOD: Duration = Duration::from_secs(1);
/// For how long it goes on after the last question.
const KEPT: Duration = Duration::from_secs(10);

impl RunTimes {
    pub(crate) fn new(system: &System) -> RunTimes {
        RunTimes { system: system.clone(), measuring: Arc::default(), ends: CancelScope::new(system) }
    }

    /// The processes that ran the longest lately, with the share of the time in which they ran. The first question begins
    /// to measure, and has no answer yet.
    pub(crate) fn busiest(&self) -> Vec<(Pid, f64)> {
        let now = self.system.now();
        if let Some(measuring) = &mut *lock(&self.measuring) {
            measuring.asked = now;
            let passed = now - measuring.since;
            if passed >= PERIOD {
                measuring.since = now;
                measuring.last = measuring.ran.take(passed);
            }
            return measuring.last.clone();
        }
        self.begin(now);
        Vec::new()
    }

    fn begin(&self, now: Instant) {
        let ran = Arc::new(Ran::default());
        let seat = self.system.spectate(ran.clone());
        let before =
            lock(&self.measuring).replace(Measuring { ran, _seat: seat, since: now, asked: now, last: Vec::new() });
        drop(before);
        let (system, measuring) = (self.system.clone(), Arc::downgrade(&self.measuring));
        // A task, and not a process, which would be shown.
        self.ends.spawn(async move {
            loop {
                system.sleep(KEPT).await;
                let Some(measuring) = measuring.upgrade() else { break };
                let over = lock(&measuring).take_if(|measuring| system.now() - measuring.asked >= KEPT);
                if over.is_some() {
                    break;
                }
            }
        });
    }
}

impl Drop for RunTimes {
    fn drop(&mut self) {
        self.ends.cancel();
    }
}

impl Spectator for Ran {
    fn ran(&self, process: &Seen<'_>, _: u64, took: Duration) {
        let pid = process.pid();
        let shard = self.hasher.hash_one(pid) as usize % self.shards.len();
        *lock(&self.shards[shard]).entry(pid).or_default() += took;
    }
}

impl Ran {
    /// The busiest, and begins anew.
    fn take(&self, passed: Duration) -> Vec<(Pid, f64)> {
        let mut most = Most::new();
        for shard in &self.shards {
            let ran = std::mem::take(&mut *lock(shard));
            ran.into_iter().for_each(|(pid, time)| most.offer(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX), pid));
        }
        most.sorted(|nanos| nanos / passed.as_nanos() as f64)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! What looks at the system, for all browsers together, as long as there is one.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use otp_core::scope::CancelScope;
use otp_core::{Pid, System};

use crate::api::Lists;
use crate::guard::Guard;
use crate::incidents::Incidents;
use crate::look::{Look, Totals};
use crate::paced::{Pace, Paced};
use crate::run_time::RunTimes;
use crate::turns::Turns;
use crate::watched::Watched;

/// What the requests to an observer share.
pub(crate) struct Eyes {
    pub(crate) system: System,
    pub(crate) guard: Guard,
    pub(crate) incidents: Incidents,
    pub(crate) watched: Watched,
    pub(crate) turns: Turns,
    pub(crate) run_times: RunTimes,
    pub(crate) lists: Paced<Lists>,
    pub(crate) searches: Paced<Vec<Pid>>,
    /// Held by the job that looks, so that there is one at a time, and others wait for it: also when who asked has gone.
    looking: Arc<futures::lock::Mutex<()>>,
    seen: Mutex<Seen>,
    /// How many streams of events are open.
    browsers: AtomicUsize,
    /// Runs what forgets.
    forgets: CancelScope,
}

#[derive(Default)]
struct Seen {
    last: Option<Arc<Look>>,
    history: VecDeque<Totals>,
    /// Whether something runs that forgets this.
    is_forgotten_later: bool,
}

/// How often all processes are looked at, at most.
pub(crate) const INTERVAL: Duration = Duration::from_secs(1);
/// How much longer than a look the pause between two is: at most one percent of a processor's time goes into looking.
const REST: u32 = 100;
/// The longest pause: what is shown of very many processes is no older.
const LONGEST: Duration = Duration::from_secs(60);
/// How long nobody searches after a search, for which somebody waits: it has a twentieth of a processor.
const SEARCHING: Pace = Pace { times: 20, at_most: Duration::from_secs(10) };
/// How many sums are kept: those of the last minutes.
const HISTORY: usize = 300;
/// How many streams of events there are at once, at most.
const BROWSERS: usize = 16;
/// How long a look is kept for one who asks without a stream of events.
const KEPT: Duration = Duration::from_secs(60);

impl Eyes {
    pub(crate) fn new(system: System, guard: Guard, incidents: Incidents) -> Eyes {
        Eyes {
            forgets: CancelScope::new(&system),
            turns: Turns::new(&system),
            run_times: RunTimes::new(&system),
            lists: Paced::new(&system, Pace { times: REST, at_most: LONGEST }),
            searches: Paced::new(&system, SEARCHING),
            system,
            guard,
            incidents,
            watched: Watched::default(),
            looking: Arc::default(),
            seen: Mutex::default(),
            browsers: AtomicUsize::new(0),
        }
    }

    /// Returns the last look at all processes, if it is recent enough; otherwise looks.
    pub(crate) async fn look(self: &Arc<Self>) -> Arc<Look> {
        let turn = self.looking.clone().lock_owned().await;
        let last = self.seen().last.clone();
        if let Some(last) = &last
            && self.system.now() - last.at < INTERVAL.max((last.took * REST).min(LONGEST))
        {
            return last.clone();
        }
        let (eyes, before) = (self.clone(), last.clone());
        let looked = self.system.spawn_blocking(move || {
            let look = eyes.look_now(before.as_deref());
            drop(turn);
            look
        });
        looked.await.unwrap_or_else(|_| last.unwrap_or_else(|| Arc::new(Look::at(&self.system, None))))
    }

    fn look_now(self: &Arc<Self>, before: Option<&Look>) -> Arc<Look> {
        let mut look = Look::at(&self.system, before);
        (look.totals.crashes, look.totals.restarts) = self.incidents.totals();
        let look = Arc::new(look);
        let mut seen = self.seen();
        let old = seen.last.replace(look.clone());
        seen.history.push_back(look.totals);
        if seen.history.len() > HISTORY {
            seen.history.pop_front();
        }
        let is_first = !std::mem::replace(&mut seen.is_forgotten_later, true);
        drop(seen);
        if is_first {
            self.forget_later();
        }
        drop(old);
        look
    }

    /// Forgets what was seen when nobody looks any more, for those who never open a stream of events. One of these runs at a
    /// time.
    fn forget_later(self: &Arc<Self>) {
        let (system, eyes) = (self.system.clone(), Arc::downgrade(self));
        // A task, and not a process, which would be shown.
        self.forgets.spawn(async move {
            loop {
                system.sleep(KEPT).await;
                let Some(eyes) = eyes.upgrade() else { break };
                let mut seen = eyes.seen();
                let is_old = seen.last.as_ref().is_none_or(|last| system.now() - last.at >= KEPT);
                if is_old && eyes.browsers.load(Ordering::Acquire) == 0 {
                    seen.is_forgotten_later = false;
                    drop(seen);
                    break eyes.forget();
                }
            }
        });
    }

    fn forget(&self) {
        let (last, history) = {
            let mut seen = self.seen();
            (seen.last.take(), std::mem::take(&mut seen.history))
        };
        self.watched.forget();
        drop((last, history));
    }

    /// Runs something long that reads the processes, one at a time, and not on a thread of the executor.
    pub(crate) async fn alone<T: Send + 'static>(&self, work: impl FnOnce(&System) -> T + Send + 'static) -> Option<T> {
        let turn = self.looking.clone().lock_owned().await;
        let system = self.system.clone();
        let worked = self.system.spawn_blocking(move || {
            let done = work(&system);
            drop(turn);
            done
        });
        worked.await.ok()
    }

    /// The sums of the last looks, the oldest first.
    pub(crate) fn history(&self) -> Vec<Totals> {
        self.seen().history.iter().copied().collect()
    }

    /// Counts a browser as long as the guard exists; `None` if there are too many.
    pub(crate) fn open(self: &Arc<Self>) -> Option<Browser> {
        let browser = Browser(self.clone());
        (self.browsers.fetch_add(1, Ordering::AcqRel) < BROWSERS).then_some(browser)
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Eyes {
    fn drop(&mut self) {
        self.forgets.cancel();
    }
}

/// A browser that looks. With the last one, what was seen is forgotten.
pub(crate) struct Browser(Arc<Eyes>);

impl Drop for Browser {
    fn drop(&mut self) {
        if self.0.browsers.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_kept_when_who_asked_for_it_has_gone() {
        let looked = otp::tokio::TokioExecutor::current_thread().run(async |system| {
            let incidents = Incidents::record(&system, 1);
            let eyes = Arc::new(Eyes::new(system, Guard::default(), incidents));
            let mut impatient = Box::pin(eyes.look());
            let _ = futures::poll!(&mut impatient);
            drop(impatient);
            drop(eyes.looking.lock().await);
            let first = eyes.seen().last.clone().expect("a look is over when its turn is");
            assert!(Arc::ptr_eq(&first, &eyes.look().await), "it is the answer for others");
        });
        looked.unwrap();
    }
}

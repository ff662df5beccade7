//! The processes whose pages are open: what they have done lately.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use otp_core::runtime::Instant;
use otp_core::{Activity, Pid};

/// What is known of the processes whose pages are open.
#[derive(Default)]
pub(crate) struct Watched(Mutex<BTreeMap<Pid, VecDeque<Moment>>>);

#[derive(Clone, Copy)]
struct Moment {
    at: Instant,
    activity: Activity,
}

/// What was seen of a process lately.
pub(crate) struct Lately {
    /// Messages received in a second.
    pub(crate) rate: Option<f64>,
    /// For how long it has been doing what it does, at least.
    pub(crate) since: Option<Duration>,
    /// How long the message that is the next to be received has waited, at least.
    pub(crate) waits: Option<Duration>,
}

/// How many processes are watched at once; the ones that were looked at last.
const PROCESSES: usize = 64;
/// How many moments of each.
const MOMENTS: usize = 60;

impl Watched {
    /// Notes what a process does now, and returns what was seen of it lately.
    pub(crate) fn see(&self, now: Instant, activity: Activity) -> Lately {
        let mut all = self.lock();
        if !all.contains_key(&activity.pid) && all.len() >= PROCESSES {
            let oldest = all.iter().min_by_key(|(_, seen)| seen.back().map(|moment| moment.at)).map(|(pid, _)| *pid);
            oldest.and_then(|pid| all.remove(&pid));
        }
        let seen = all.entry(activity.pid).or_default();
        let lately = Lately::of(seen, now, &activity);
        seen.push_back(Moment { at: now, activity });
        if seen.len() > MOMENTS {
            seen.pop_front();
        }
        lately
    }

    pub(crate) fn forget(&self) {
        let all = std::mem::take(&mut *self.lock());
        drop(all);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Pid, VecDeque<Moment>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lately {
    fn of(seen: &VecDeque<Moment>, now: Instant, activity: &Activity) -> Lately {
        // Over some seconds, so that the figure is calm.
        let base = seen.iter().rev().find(|moment| now - moment.at >= Duration::from_secs(3)).or(seen.front());
        let rate = base.filter(|moment| now > moment.at).map(|moment| {
            let count = activity.handled.saturating_sub(moment.activity.handled);
            count as f64 / (now - moment.at).as_secs_f64()
        });
        let is_same = |moment: &&Moment| {
            let before = &moment.activity;
            (before.handled, before.doing, before.runs) == (activity.handled, activity.doing, activity.runs)
        };
        let since = seen.iter().rev().take_while(is_same).last().map(|moment| now - moment.at);
        // When so many had been received and so many more waited, the next one was among those, or came later.
        let was_there = |moment: &&Moment| moment.activity.handled + moment.activity.queue as u64 > activity.handled;
        let waits = seen.iter().find(was_there).map(|moment| now - moment.at).filter(|_| activity.queue > 0);
        Lately { rate, since, waits }
    }
}

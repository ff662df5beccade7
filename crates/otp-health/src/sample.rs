//! What a watchdog makes of its looks: plain data, which runs no code of others.

use std::collections::HashMap;
use std::time::Duration;

use otp_core::runtime::Instant;
use otp_core::{Activity, Doing, Pid, Status};

use crate::figures::Figures;

/// The processes that were in a handler, or on a thread, at the last look.
#[derive(Default)]
pub(crate) struct Samples {
    seen: HashMap<Pid, Seen>,
    total: u64,
}

struct Seen {
    activity: Activity,
    /// The first look at which it was so.
    since: Instant,
    /// The first look since which it has held its thread.
    held: Option<Instant>,
    /// How long it has to take to be reported, next.
    next: Duration,
    told: bool,
}

/// What a look has found.
#[derive(Debug, PartialEq)]
pub(crate) enum Finding {
    Stuck { pid: Pid, doing: Doing, since: Duration, holds_thread: bool },
    Over { pid: Pid, doing: Doing, after: Duration },
}

impl Samples {
    /// One look, at those processes that are [busy](Activity::is_busy).
    pub(crate) fn look(
        &mut self,
        now: Instant,
        limit: Duration,
        all: impl IntoIterator<Item = Activity>,
    ) -> (Vec<Finding>, Figures) {
        let (mut found, mut figures) = (Vec::new(), Figures::default());
        let mut before = std::mem::take(&mut self.seen);
        for activity in all {
            let same = before.remove(&activity.pid).filter(|seen| is_same(&seen.activity, &activity));
            let mut seen = match same {
                Some(seen) => Seen { held: seen.held.filter(|_| holds(&seen.activity, &activity)), activity, ..seen },
                None => Seen { activity, since: now, held: None, next: limit, told: false },
            };
            if activity.status == Status::Running {
                seen.held.get_or_insert(now);
            }
            let took = now - seen.since;
            let holds_thread = seen.held.is_some_and(|held| now - held >= limit);
            if took >= limit {
                figures.stuck += 1;
                figures.holding += usize::from(holds_thread);
                figures.longest = figures.longest.max(took);
            }
            if took >= seen.next {
                self.total += u64::from(!seen.told);
                (seen.told, seen.next) = (true, took.saturating_mul(2).max(Duration::from_nanos(1)));
                found.push(Finding::Stuck { pid: activity.pid, doing: activity.doing, since: took, holds_thread });
            }
            self.seen.insert(activity.pid, seen);
        }
        let over = before.into_iter().filter(|(_, seen)| seen.told);
        found.extend(over.map(|(pid, seen)| Finding::Over {
            pid,
            doing: seen.activity.doing,
            after: now - seen.since,
        }));
        figures.total = self.total;
        (found, figures)
    }
}

/// Whether a process is still in the same handler.
fn is_same(before: &Activity, now: &Activity) -> bool {
    let in_handler = now.is_behaviour && before.handled == now.handled && before.doing == now.doing;
    in_handler || holds(before, now)
}

/// Whether a process has been polled all the time between.
fn holds(before: &Activity, now: &Activity) -> bool {
    (before.status, now.status) == (Status::Running, Status::Running) && before.runs == now.runs
}

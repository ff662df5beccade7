//! One look at all processes: who started whom, who is the busiest, and how much there is of everything.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use otp_core::runtime::Instant;
use otp_core::{Activity, Pid, Status, System};
use serde::Serialize;

/// What a look has found. It takes 56 bytes for each process, 12 more for one without a living parent, and is dropped when
/// nobody looks any more.
pub(crate) struct Look {
    pub(crate) at: Instant,
    /// How long the look took.
    pub(crate) took: Duration,
    /// Parents and their children, sorted.
    families: Vec<(Pid, Pid)>,
    /// The processes without a living parent, sorted.
    roots: Vec<Pid>,
    /// What each process had done, sorted by pid.
    done: Vec<Done>,
    pub(crate) top: Top,
    pub(crate) totals: Totals,
}

#[derive(Clone, Copy)]
struct Done {
    pid: Pid,
    handled: u64,
    runs: u32,
    /// Of how many looks in a row the process was in the middle of something, without having received anything since.
    busy: u32,
}

/// The busiest processes: their pids, and how much.
#[derive(Default)]
pub(crate) struct Top {
    /// By messages in a second.
    pub(crate) messages: Vec<(Pid, f64)>,
    /// By messages that wait.
    pub(crate) queue: Vec<(Pid, f64)>,
    /// By how often they ran in a second.
    pub(crate) runs: Vec<(Pid, f64)>,
    /// By for how many seconds they have been busy with one message, as far as it was seen.
    pub(crate) busy: Vec<(Pid, f64)>,
}

/// Sums over all processes.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Totals {
    /// Milliseconds on the system's clock.
    pub(crate) at: u64,
    pub(crate) processes: usize,
    /// Messages and signals received in a second, by processes that were there at the last look, too.
    pub(crate) messages: f64,
    /// Messages that wait in mailboxes.
    pub(crate) queued: usize,
    /// Processes that run, or will as soon as there is a thread for them.
    pub(crate) runnable: usize,
    /// Behaviours that are in the middle of something.
    pub(crate) handling: usize,
    pub(crate) names: usize,
    pub(crate) timers: usize,
    /// Crashes and restarts since the observer was first started.
    pub(crate) crashes: u64,
    pub(crate) restarts: u64,
    /// How long the look took, in microseconds.
    pub(crate) took: u64,
}

/// How many of the busiest are known.
const BUSIEST: usize = 50;

impl Look {
    /// Looks at all processes. With many of them that takes long: not on a thread of the executor.
    pub(crate) fn at(system: &System, before: Option<&Look>) -> Look {
        let at = system.now();
        let pids = system.processes();
        let mut totals = Totals { at: at.as_nanos() / 1_000_000, ..Totals::default() };
        let (mut families, mut done) = (Vec::with_capacity(pids.len()), Vec::with_capacity(pids.len()));
        let seconds = before.map_or(0.0, |before| (at - before.at).as_secs_f64());
        let per_second = move |count: f64| if seconds > 0.0 { count / seconds } else { 0.0 };
        let mut earlier = before.map_or(&[][..], |before| &before.done[..]).iter().copied().peekable();
        let (mut messages, mut queue, mut runs, mut busy) = (Most::new(), Most::new(), Most::new(), Most::new());
        for pid in pids {
            let Some(seen) = system.activity(pid) else { continue };
            while earlier.peek().is_some_and(|done| done.pid < pid) {
                earlier.next();
            }
            let last = earlier.peek().filter(|done| done.pid == pid);
            let is_stuck = last.is_some_and(|last| last.handled == seen.handled) && seen.is_busy();
            let streak = if is_stuck { last.map_or(0, |last| last.busy.saturating_add(1)) } else { 0 };
            families.push((seen.parent, pid));
            done.push(Done { pid, handled: seen.handled, runs: seen.runs, busy: streak });
            totals.add(&seen);
            queue.offer(seen.queue as u64, pid);
            busy.offer(streak.into(), pid);
            if let Some(last) = last {
                messages.offer(seen.handled.saturating_sub(last.handled), pid);
                // The count has 23 bits.
                runs.offer(u64::from(seen.runs.wrapping_sub(last.runs) & 0x7f_ffff), pid);
                totals.messages += seen.handled.saturating_sub(last.handled) as f64;
            }
        }
        families.sort_unstable();
        totals.messages = per_second(totals.messages);
        totals.processes = done.len();
        (totals.names, totals.timers) = (system.name_count(), system.timer_count());
        let roots = roots(&families, &done);
        let took = system.now() - at;
        totals.took = took.as_micros() as u64;
        let top = Top {
            messages: messages.sorted(per_second),
            queue: queue.sorted(|count| count),
            runs: runs.sorted(per_second),
            busy: busy.sorted(|looks| looks * seconds),
        };
        Look { at, took, families, roots, done, top, totals }
    }

    /// The children of a process, the oldest first: all that it has started, and that are still there.
    pub(crate) fn children(
        &self,
        parent: Pid,
    ) -> impl ExactSizeIterator<Item = Pid> + DoubleEndedIterator + Clone + '_ {
        let first = self.families.partition_point(|(of, _)| *of < parent);
        let last = self.families.partition_point(|(of, _)| *of <= parent);
        self.families[first..last].iter().map(|(_, child)| *child)
    }

    /// The processes without a living parent.
    pub(crate) fn roots(&self) -> &[Pid] {
        &self.roots
    }
}

fn roots(families: &[(Pid, Pid)], done: &[Done]) -> Vec<Pid> {
    let mut roots = Vec::new();
    let mut rest = families;
    while let Some((parent, _)) = rest.first() {
        let (family, others) = rest.split_at(rest.partition_point(|(of, _)| of <= parent));
        if done.binary_search_by_key(parent, |done| done.pid).is_err() {
            roots.extend(family.iter().map(|(_, child)| *child));
        }
        rest = others;
    }
    roots.sort_unstable();
    roots
}

impl Totals {
    fn add(&mut self, seen: &Activity) {
        self.queued += seen.queue;
        self.runnable += usize::from(matches!(seen.status, Status::Runnable | Status::Running));
        self.handling += usize::from(seen.is_behaviour && seen.is_busy());
    }
}

/// The greatest of many counts.
pub(crate) struct Most(BinaryHeap<Reverse<(u64, Pid)>>);

impl Most {
    pub(crate) fn new() -> Most {
        Most(BinaryHeap::with_capacity(BUSIEST + 1))
    }

    pub(crate) fn offer(&mut self, count: u64, pid: Pid) {
        let is_one = self.0.len() < BUSIEST || self.0.peek().is_some_and(|Reverse((least, _))| count > *least);
        if count > 0 && is_one {
            self.0.push(Reverse((count, pid)));
            if self.0.len() > BUSIEST {
                self.0.pop();
            }
        }
    }

    pub(crate) fn sorted(self, figure: impl Fn(f64) -> f64) -> Vec<(Pid, f64)> {
        // Sorted as `Reverse`: the greatest first.
        self.0.into_sorted_vec().into_iter().map(|Reverse((count, pid))| (pid, figure(count as f64))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_takes_as_many_bytes_for_a_process_as_the_docs_say() {
        assert_eq!(size_of::<Done>() + size_of::<(Pid, Pid)>(), 56);
    }
}

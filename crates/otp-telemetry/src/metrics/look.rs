use std::collections::HashMap;
use std::sync::Arc;

use otp_core::{LoadFigures, Pid, System};

use super::family::Family;
use super::kinds::Kinds;
use super::names;
use super::sink::recording;

/// Looks at all processes again and again, and at what other crates know.
pub(super) struct Looking {
    system: System,
    kinds: Arc<Kinds>,
    limit: usize,
    /// What mailboxes with a policy had not delivered at the last look.
    loads: HashMap<Pid, LoadFigures>,
    /// Before the first look: the processes before this one are older than the metrics, and what their mailboxes have not
    /// delivered so far is not counted.
    first: Option<Pid>,
    family: Family,
}

/// What is found at a look.
#[derive(Default)]
pub(super) struct Found {
    kinds: HashMap<Box<str>, Crowd>,
    loads: HashMap<Pid, LoadFigures>,
}

/// The processes of one kind.
#[derive(Default)]
struct Crowd {
    processes: usize,
    queued: usize,
    longest: usize,
}

impl Looking {
    pub(super) fn new(system: System, kinds: Arc<Kinds>, limit: usize) -> Looking {
        let family = Family::begin(&system, limit, &kinds);
        Looking { system, kinds, limit, loads: HashMap::new(), first: None, family }
    }

    /// Looks from now on, as this process.
    pub(super) fn by(self, pid: Pid) -> Looking {
        Looking { first: Some(pid), ..self }
    }

    /// Looks at some processes.
    pub(super) fn at(&mut self, processes: &[Pid], found: &mut Found) {
        recording(|| {
            for pid in processes {
                let Some(backlog) = self.system.backlog(*pid) else { continue };
                self.kinds.with_backlog(&self.system, &backlog, |kind| {
                    if !found.kinds.contains_key(&kind.name) {
                        found.kinds.insert(kind.name.clone(), Crowd::default());
                    }
                    if let Some(crowd) = found.kinds.get_mut(&kind.name) {
                        crowd.processes += 1;
                        crowd.queued += backlog.queue;
                        crowd.longest = crowd.longest.max(backlog.queue);
                    }
                    if let Some(load) = backlog.load {
                        let is_older = self.first.is_some_and(|first| *pid < first);
                        let unseen = if is_older { load } else { LoadFigures::default() };
                        let before = self.loads.get(pid).copied().unwrap_or(unseen);
                        self.shed(&kind.name, load - before);
                        found.loads.insert(*pid, load);
                    }
                });
            }
        });
    }

    /// Reports what was found.
    pub(super) fn report(&mut self, found: Found) {
        (self.loads, self.first) = (found.loads, None);
        recording(|| {
            let none = Crowd::default();
            for kind in self.kinds.all() {
                let crowd = found.kinds.get(&kind.name).unwrap_or(&none);
                kind.processes.set(crowd.processes as f64);
                kind.queued.set(crowd.queued as f64);
                kind.longest.set(crowd.longest as f64);
            }
            self.family.look(&self.system, self.limit, &self.kinds);
        });
    }

    fn shed(&self, kind: &str, load: LoadFigures) {
        let LoadFigures { refused, dropped, too_old, coalesced, expired, .. } = load;
        let causes = [
            ("refused", refused),
            ("dropped", dropped),
            ("too_old", too_old),
            ("coalesced", coalesced),
            ("expired", expired),
        ];
        for (cause, count) in causes.into_iter().filter(|(_, count)| *count > 0) {
            self.kinds.sink.counter(&names::SHED, &[kind, cause]).increment(count);
        }
    }
}

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::Arc;

use arc_swap::ArcSwap;
use metrics::Counter;
use otp_core::event::Seen;
use otp_core::{Backlog, Pid, System};

use super::bounded::OTHER;
use super::kind::Kind;
use super::names;
use super::sink::Sink;

/// The label of processes that are no behaviour.
const PLAIN: &str = "process";

/// The label of calls that found no process.
const NOBODY: &str = "(none)";

/// The metrics of processes, by their type or by their label. A look into it takes no lock.
pub(super) struct Kinds {
    pub(super) sink: Sink,
    by_label: bool,
    limit: usize,
    all: ArcSwap<Map>,
    /// The same, by the functions that name the types.
    by_type: ArcSwap<ByType>,
    other: Arc<Kind>,
    /// Counts the values of labels that were one too many. Made once: there may be many of them.
    lost: Counter,
}

type Map = HashMap<Box<str>, Arc<Kind>>;

/// By the address of a function, which is random enough. Two of them may have the same kind.
type ByType = HashMap<usize, Arc<Kind>, BuildHasherDefault<Address>>;

impl Kinds {
    pub(super) fn new(sink: Sink, by_label: bool, limit: usize) -> Kinds {
        let (other, lost) = (Arc::new(Kind::new(&sink, OTHER)), sink.counter(&names::SERIES_LOST, &[]));
        Kinds { sink, by_label, limit, all: ArcSwap::default(), by_type: ArcSwap::default(), other, lost }
    }

    /// Counts a value of a label that is one too many, and returns what stands for it.
    pub(super) fn lost(&self) -> &'static str {
        self.lost.increment(1);
        OTHER
    }

    /// Does something with the kind of a process.
    pub(super) fn with_seen<T>(&self, process: &Seen<'_>, act: impl FnOnce(&Kind) -> T) -> T {
        if self.by_label {
            let label = process.label();
            return self.with(label.as_ref().map_or(PLAIN, |label| label.as_str()), act);
        }
        let Some(label) = process.type_label() else { return self.with(PLAIN, act) };
        let address = label as usize;
        if let Some(kind) = self.by_type.load().get(&address) {
            return act(kind);
        }
        let mut found = None;
        let output = self.with(process.type_name().unwrap_or(PLAIN), |kind| {
            found = self.all.load().get(&kind.name).cloned();
            act(kind)
        });
        if let Some(kind) = found {
            self.by_type.rcu(|all| {
                let mut all = ByType::clone(all);
                all.insert(address, kind.clone());
                all
            });
        }
        output
    }

    /// Does something with the kind of a process that is known by its pid.
    pub(super) fn with_pid<T>(&self, system: &System, pid: Option<Pid>, act: impl FnOnce(&Kind) -> T) -> T {
        if self.by_label {
            let label = pid.and_then(|pid| system.label(pid));
            return self.with(label.as_ref().map_or(PLAIN, |label| label.as_str()), act);
        }
        let backlog = pid.and_then(|pid| system.backlog(pid));
        self.with(backlog.and_then(|backlog| backlog.type_name).unwrap_or(PLAIN), act)
    }

    /// Does something with the kind of a process that is looked at.
    pub(super) fn with_backlog<T>(&self, system: &System, backlog: &Backlog, act: impl FnOnce(&Kind) -> T) -> T {
        if self.by_label {
            return self.with_pid(system, Some(backlog.pid), act);
        }
        self.with(backlog.type_name.unwrap_or(PLAIN), act)
    }

    /// Does something with the kind of what does not exist.
    pub(super) fn with_nobody<T>(&self, act: impl FnOnce(&Kind) -> T) -> T {
        self.with(NOBODY, act)
    }

    pub(super) fn all(&self) -> Vec<Arc<Kind>> {
        self.all.load().values().chain([&self.other]).cloned().collect()
    }

    fn with<T>(&self, name: &str, act: impl FnOnce(&Kind) -> T) -> T {
        if let Some(kind) = self.all.load().get(name) {
            return act(kind);
        }
        act(&self.add(name))
    }

    /// Two threads may add the same one, and their handles count the same.
    #[cold]
    fn add(&self, name: &str) -> Arc<Kind> {
        if self.all.load().len() >= self.limit {
            self.lost();
            return self.other.clone();
        }
        let kind = Arc::new(Kind::new(&self.sink, name));
        self.all.rcu(|all| {
            let mut all = Map::clone(all);
            all.entry(name.into()).or_insert_with(|| kind.clone());
            all
        });
        kind
    }
}

/// Hashes an address: by its bits that differ.
#[derive(Default)]
struct Address(u64);

impl Hasher for Address {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        bytes.iter().for_each(|byte| self.write_usize(usize::from(*byte)));
    }

    fn write_usize(&mut self, address: usize) {
        self.0 = (self.0 ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(32);
    }
}

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
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
    other: Arc<Kind>,
}

type Map = HashMap<Box<str>, Arc<Kind>>;

impl Kinds {
    pub(super) fn new(sink: Sink, by_label: bool, limit: usize) -> Kinds {
        let other = Arc::new(Kind::new(&sink, OTHER));
        Kinds { sink, by_label, limit, all: ArcSwap::default(), other }
    }

    /// Does something with the kind of a process.
    pub(super) fn with_seen<T>(&self, process: &Seen<'_>, act: impl FnOnce(&Kind) -> T) -> T {
        if self.by_label {
            let label = process.label();
            return self.with(label.as_ref().map_or(PLAIN, |label| label.as_str()), act);
        }
        self.with(process.type_name().unwrap_or(PLAIN), act)
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
            self.sink.counter(&names::SERIES_LOST, &[]).increment(1);
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

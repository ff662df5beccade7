use std::collections::HashMap;
use std::fmt;

use otp::gen_server::Envelope;
use otp::process::{Label, NameError, Registration};
use otp::registry::{Duplicate, Entry, Registry, RegistryName};
use otp::statem::Machine;
use otp::{Pid, Process, ProcessRef, System};
use serde_json::Value;

use crate::actors::{Mail, Runner, Worker};

/// The registries of a run, by their ids.
#[derive(Default)]
pub(crate) struct Registries(HashMap<String, Book>);

/// A registry. One of the library has processes of one type; one of Elixir has workers and raw processes.
#[derive(Clone)]
pub(crate) enum Book {
    Unique(Unique),
    Duplicate(Registry<Key, Mail, Value, Duplicate>),
}

/// Keys may be any values; they are compared by their texts.
pub(crate) type Key = String;

/// Raw processes register themselves; workers and machines are started under keys.
#[derive(Clone, Debug)]
pub(crate) struct Unique {
    pub(crate) raws: Registry<Key, Mail, Value>,
    pub(crate) workers: Registry<Key, Envelope<Worker>, Value>,
    pub(crate) machines: Registry<Key, Envelope<Machine<Runner>>, Value>,
}

impl Registries {
    pub(super) fn find(&self, id: &str) -> Option<Book> {
        self.0.get(id).cloned()
    }

    pub(super) fn add(&mut self, id: &str, book: Book) {
        self.0.insert(id.to_owned(), book);
    }
}

impl Book {
    /// The registry with this id, before it runs.
    pub(crate) fn of(system: &System, id: &str, unique: bool) -> Book {
        if !unique {
            return Book::Duplicate(Registry::named(system, RegistryName::dynamic(id)));
        }
        Book::Unique(Unique {
            raws: Registry::named(system, RegistryName::dynamic(id)),
            workers: Registry::named(system, RegistryName::dynamic(id)),
            machines: Registry::named(system, RegistryName::dynamic(id)),
        })
    }

    /// Who has a key, if that is unique.
    pub(crate) fn holder(&self, key: &Key) -> Option<Pid> {
        match self {
            Book::Unique(unique) => unique.holder(key),
            Book::Duplicate(_) => None,
        }
    }

    /// All entries, in the order in which they were registered: of workers behind those of raw processes.
    pub(crate) fn all(&self) -> Vec<Line> {
        match self {
            Book::Unique(unique) => {
                let raws = unique.raws.select(|entry| Some(Line::of(&entry)));
                let workers = unique.workers.select(|entry| Some(Line::of(&entry)));
                let machines = unique.machines.select(|entry| Some(Line::of(&entry)));
                raws.into_iter().chain(workers).chain(machines).collect()
            }
            Book::Duplicate(raws) => raws.select(|entry| Some(Line::of(&entry))),
        }
    }

    /// The keys of a process.
    pub(crate) fn keys(&self, pid: Pid) -> Vec<Key> {
        match self {
            Book::Unique(unique) => {
                [unique.raws.keys(pid), unique.workers.keys(pid), unique.machines.keys(pid)].concat()
            }
            Book::Duplicate(raws) => raws.keys(pid),
        }
    }

    /// The entries of a process with this key.
    pub(crate) fn values(&self, key: &Key, pid: Pid) -> Vec<Line> {
        match self {
            Book::Unique(unique) => {
                let raws = unique.raws.values(key, pid);
                let (workers, machines) = (unique.workers.values(key, pid), unique.machines.values(key, pid));
                let served = workers.iter().map(Line::of).chain(machines.iter().map(Line::of));
                raws.iter().map(Line::of).chain(served).collect()
            }
            Book::Duplicate(raws) => raws.values(key, pid).iter().map(Line::of).collect(),
        }
    }

    /// The entries with this key whose value fits.
    pub(crate) fn matches(&self, key: &Key, fits: impl Fn(&Value) -> bool) -> Vec<Line> {
        match self {
            Book::Unique(unique) => {
                let raws = unique.raws.matches(key, &fits);
                let (workers, machines) = (unique.workers.matches(key, &fits), unique.machines.matches(key, &fits));
                let served = workers.iter().map(Line::of).chain(machines.iter().map(Line::of));
                raws.iter().map(Line::of).chain(served).collect()
            }
            Book::Duplicate(raws) => raws.matches(key, fits).iter().map(Line::of).collect(),
        }
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        match self {
            Book::Unique(unique) => unique.raws.count() + unique.workers.count() + unique.machines.count(),
            Book::Duplicate(raws) => raws.count(),
        }
    }

    /// The entries with this key.
    pub(crate) fn under(&self, key: &Key) -> Vec<Line> {
        match self {
            Book::Unique(unique) => {
                let raw = unique.raws.lookup(key).map(|entry| Line::of(&entry));
                let worker = unique.workers.lookup(key).map(|entry| Line::of(&entry));
                let machine = unique.machines.lookup(key).map(|entry| Line::of(&entry));
                raw.into_iter().chain(worker).chain(machine).collect()
            }
            Book::Duplicate(raws) => raws.lookup(key).iter().map(Line::of).collect(),
        }
    }
}

impl Unique {
    pub(crate) fn holder(&self, key: &Key) -> Option<Pid> {
        let raw = self.raws.lookup(key).map(|entry| entry.pid());
        let worker = || self.workers.lookup(key).map(|entry| entry.pid());
        raw.or_else(worker).or_else(|| self.machines.lookup(key).map(|entry| entry.pid()))
    }
}

/// What is printed of an entry.
pub(crate) struct Line {
    pub(crate) key: Key,
    pub(crate) pid: Pid,
    pub(crate) value: Value,
}

impl Line {
    fn of<M: Send + 'static>(entry: &Entry<Key, M, Value>) -> Line {
        Line { key: entry.key().clone(), pid: entry.pid(), value: entry.value().clone() }
    }
}

/// A key of a registry as the name of a server, which no process of another type may have.
pub(crate) struct UnderKey<M: Send + 'static> {
    pub(crate) unique: Unique,
    pub(crate) via: otp::registry::Via<Key, M, Value>,
    pub(crate) key: Key,
}

impl<M: Send + 'static> Registration<M> for UnderKey<M> {
    fn label(&self) -> Label {
        Registration::label(&self.via)
    }

    fn claim(&self, process: &ProcessRef<M>, owner: &Process) -> Result<(), NameError> {
        match self.unique.holder(&self.key) {
            Some(holder) => Err(NameError::Taken { name: self.label(), holder }),
            None => self.via.claim(process, owner),
        }
    }
}

impl<M: Send + 'static> fmt::Debug for UnderKey<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnderKey({})", self.key)
    }
}

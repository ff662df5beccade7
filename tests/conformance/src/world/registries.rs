use std::collections::HashMap;
use std::fmt;

use otp::gen_server::Envelope;
use otp::process::{Label, NameError, Registration};
use otp::registry::{Duplicate, Entry, Keys, Registry, RegistryName};
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

    /// All entries, in the order in which they were registered: of servers behind those of raw processes.
    pub(crate) fn all(&self) -> Vec<Line> {
        self.parts().into_iter().flat_map(Lines::all).collect()
    }

    /// The keys of a process.
    pub(crate) fn keys(&self, pid: Pid) -> Vec<Key> {
        self.parts().into_iter().flat_map(|part| part.keys_of(pid)).collect()
    }

    /// The entries of a process with this key.
    pub(crate) fn values(&self, key: &Key, pid: Pid) -> Vec<Line> {
        self.parts().into_iter().flat_map(|part| part.of(key, pid)).collect()
    }

    /// The entries with this key whose value fits.
    pub(crate) fn matches(&self, key: &Key, fits: impl Fn(&Value) -> bool) -> Vec<Line> {
        self.parts().into_iter().flat_map(|part| part.fitting(key, &fits)).collect()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.parts().into_iter().map(Lines::number).sum()
    }

    /// The entries with this key.
    pub(crate) fn under(&self, key: &Key) -> Vec<Line> {
        match self {
            Book::Unique(unique) => unique.under(key).into_iter().collect(),
            Book::Duplicate(raws) => raws.lookup(key).iter().map(Line::of).collect(),
        }
    }

    fn parts(&self) -> Vec<&dyn Lines> {
        match self {
            Book::Unique(Unique { raws, workers, machines }) => vec![raws, workers, machines],
            Book::Duplicate(raws) => vec![raws],
        }
    }
}

impl Unique {
    pub(crate) fn holder(&self, key: &Key) -> Option<Pid> {
        self.under(key).map(|line| line.pid)
    }

    fn under(&self, key: &Key) -> Option<Line> {
        let raw = self.raws.lookup(key).map(|entry| Line::of(&entry));
        let worker = || self.workers.lookup(key).map(|entry| Line::of(&entry));
        raw.or_else(worker).or_else(|| self.machines.lookup(key).map(|entry| Line::of(&entry)))
    }
}

/// What is asked of the library's registries, whatever their processes receive.
trait Lines {
    fn all(&self) -> Vec<Line>;
    fn keys_of(&self, pid: Pid) -> Vec<Key>;
    fn of(&self, key: &Key, pid: Pid) -> Vec<Line>;
    fn fitting(&self, key: &Key, fits: &dyn Fn(&Value) -> bool) -> Vec<Line>;
    fn number(&self) -> usize;
}

impl<M: Send + 'static, T: Keys> Lines for Registry<Key, M, Value, T> {
    fn all(&self) -> Vec<Line> {
        self.select(|entry| Some(Line::of(&entry)))
    }

    fn keys_of(&self, pid: Pid) -> Vec<Key> {
        self.keys(pid)
    }

    fn of(&self, key: &Key, pid: Pid) -> Vec<Line> {
        self.values(key, pid).iter().map(Line::of).collect()
    }

    fn fitting(&self, key: &Key, fits: &dyn Fn(&Value) -> bool) -> Vec<Line> {
        self.matches(key, fits).iter().map(Line::of).collect()
    }

    fn number(&self) -> usize {
        self.count()
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

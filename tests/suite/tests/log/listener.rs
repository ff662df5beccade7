//! Keeps the records that tests ask for.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, Once};

use tracing::field::Field;
use tracing::{Event, Metadata, Subscriber, span};

/// A record of the log.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Record {
    pub(crate) level: tracing::Level,
    pub(crate) target: &'static str,
    /// The message is one of them.
    pub(crate) fields: BTreeMap<&'static str, String>,
}

impl Record {
    /// A field; empty if there is none of this name.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// The level, the target and the message.
    pub(crate) fn head(&self) -> (tracing::Level, &'static str, &str) {
        (self.level, self.target, self.field("message"))
    }

    pub(crate) fn names(&self) -> Vec<&'static str> {
        self.fields.keys().copied().collect()
    }
}

/// Records by the words that tests listen for.
static KEPT: Mutex<BTreeMap<&'static str, Vec<Record>>> = Mutex::new(BTreeMap::new());

/// Keeps from now on all records of which a field is `word`.
pub(crate) fn listen_for(word: &'static str) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Listener).expect("nobody else listens"));
    kept().insert(word, Vec::new());
}

/// The records that were kept for `word`.
pub(crate) fn records(word: &str) -> Vec<Record> {
    kept().get(word).expect("somebody listens for it").clone()
}

/// As a value of a field: the listener panics when it reads the record.
pub(crate) const BROKEN: &str = "breaks the log";

fn kept() -> std::sync::MutexGuard<'static, BTreeMap<&'static str, Vec<Record>>> {
    KEPT.lock().unwrap()
}

struct Listener;

impl Subscriber for Listener {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut fields = BTreeMap::new();
        event.record(&mut |field: &Field, value: &dyn fmt::Debug| {
            fields.insert(field.name(), format!("{value:?}"));
        });
        if fields.values().any(|value| value.contains(BROKEN)) {
            panic!("the listener is broken");
        }
        let record = Record { level: *event.metadata().level(), target: event.metadata().target(), fields };
        for (word, records) in kept().iter_mut() {
            if record.fields.values().any(|value| value == word) {
                records.push(record.clone());
            }
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

use std::collections::BTreeMap;

use otp_core::runtime::Delivery;

use crate::life::Who;

/// Messages that are held back, in order, by sender and receiver.
#[derive(Default)]
pub(crate) struct Held {
    pairs: BTreeMap<(Who, Who), Batch>,
}

struct Batch {
    until: u64,
    messages: Vec<Delivery>,
}

impl Held {
    pub(crate) fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Whether a message of the pair has to wait behind earlier ones.
    pub(crate) fn holds(&self, from: Who, to: Who) -> bool {
        self.pairs.contains_key(&(from, to))
    }

    /// Whether messages to a process are held back, which a call to it must not overtake.
    pub(crate) fn is_held_from(&self, to: Who) -> bool {
        self.pairs.keys().any(|(_, receiver)| *receiver == to)
    }

    /// Holds messages of the pair until a time; an earlier setting stays.
    pub(crate) fn begin(&mut self, from: Who, to: Who, until: u64) {
        self.pairs.entry((from, to)).or_insert(Batch { until, messages: Vec::new() });
    }

    /// Adds a message to its pair; gives it back if the pair is not held.
    pub(crate) fn add(&mut self, from: Who, to: Who, message: Delivery) -> Option<Delivery> {
        match self.pairs.get_mut(&(from, to)) {
            Some(batch) => {
                batch.messages.push(message);
                None
            }
            None => Some(message),
        }
    }

    /// The next time at which messages are due.
    pub(crate) fn next(&self) -> Option<u64> {
        self.pairs.values().map(|batch| batch.until).min()
    }

    /// Takes the messages that are due.
    pub(crate) fn due(&mut self, now: u64) -> Vec<Delivery> {
        self.take_if(|_, batch| batch.until <= now)
    }

    /// Takes all messages of one sender.
    pub(crate) fn of(&mut self, from: Who) -> Vec<Delivery> {
        self.take_if(|(sender, _), _| *sender == from)
    }

    /// Takes all messages.
    pub(crate) fn take(&mut self) -> Vec<Delivery> {
        self.take_if(|_, _| true)
    }

    fn take_if(&mut self, wanted: impl Fn(&(Who, Who), &Batch) -> bool) -> Vec<Delivery> {
        let taken: BTreeMap<_, _>;
        (taken, self.pairs) =
            std::mem::take(&mut self.pairs).into_iter().partition(|(pair, batch)| wanted(pair, batch));
        taken.into_values().flat_map(|batch| batch.messages).collect()
    }
}

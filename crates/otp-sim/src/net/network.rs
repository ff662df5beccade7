use std::collections::BTreeMap;
use std::path::PathBuf;
use std::task::Waker;
use std::time::Duration;

use super::connection::{Connection, Side};
use super::hosts::{HostId, Hosts};
use super::links::Links;
use super::opening::Listening;
use crate::config::Config;
use crate::dice::{Dice, Purpose};
use crate::faults::Injector;
use crate::recording::Recording;
use crate::shared::Shared;
use crate::trace::What;

/// All of a network that changes.
pub(crate) struct Network {
    pub(super) hosts: Hosts,
    pub(super) links: Links,
    pub(super) connections: BTreeMap<u64, Connection>,
    pub(super) listeners: BTreeMap<u64, Listening>,
    /// The files of Unix sockets, by host and path, with the listener; without, nobody listens any more.
    pub(super) files: BTreeMap<(HostId, PathBuf), Option<u64>>,
    pub(super) dice: Dice,
    /// How many bytes of a direction may be written and not read.
    pub(super) bound: usize,
    /// How many sockets the program holds.
    pub(super) held: usize,
    latency: (u64, u64),
    events: BTreeMap<EventKey, Event>,
    made: u64,
    wakes: Vec<Waker>,
    stale: Vec<Waker>,
}

/// When an event happens, and which one of that time it is.
pub(crate) type EventKey = (u64, u64);

/// What happens by itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// The first segment that a side has written arrives at the other side.
    Arrives(u64, Side),
    /// A side has heard nothing for too long.
    GivesUp(u64, Side),
    /// A link that a fault has cut is whole again.
    Heals(HostId, HostId),
}

/// What the network needs of the rest of a run.
pub(crate) struct Around<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) injector: &'a mut Injector,
    pub(crate) recording: Option<&'a mut Recording>,
    pub(crate) now: u64,
}

impl Around<'_> {
    /// Writes a line into the trace.
    pub(super) fn note(&mut self, text: impl FnOnce() -> String) {
        if let Some(recording) = &mut self.recording {
            recording.happened(What::Net(text()));
        }
    }
}

/// What is done when the lock is free: wakers are code of users, also when they are dropped.
#[must_use]
pub(crate) struct After {
    wakes: Vec<Waker>,
    stale: Vec<Waker>,
}

impl After {
    pub(crate) fn wake(self) {
        self.wakes.into_iter().for_each(Waker::wake);
        drop(self.stale);
    }
}

impl Network {
    pub(crate) fn new(seed: u64, config: &Config) -> Network {
        let nanos = |time: Duration| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let (shortest, longest) = config.latency;
        Network {
            hosts: Hosts::default(),
            links: Links::default(),
            connections: BTreeMap::new(),
            listeners: BTreeMap::new(),
            files: BTreeMap::new(),
            dice: Dice::new(seed, Purpose::Net),
            bound: config.socket_buffer,
            held: 0,
            latency: (nanos(shortest), nanos(longest.max(shortest))),
            events: BTreeMap::new(),
            made: 0,
            wakes: Vec::new(),
            stale: Vec::new(),
        }
    }

    /// The next time at which something happens by itself.
    pub(crate) fn next(&self) -> Option<u64> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    /// Has everything happen that is due.
    pub(crate) fn fire(&mut self, around: &mut Around<'_>) {
        while let Some(first) = self.events.first_entry().filter(|first| first.key().0 <= around.now) {
            match first.remove() {
                Event::Arrives(connection, side) => self.arrive(connection, side, around),
                Event::GivesUp(connection, side) => self.give_up(connection, side, around),
                Event::Heals(from, to) => self.heal_after_fault(from, to, around),
            }
        }
    }

    /// How many sockets the program holds.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    pub(crate) fn after(&mut self) -> After {
        After { wakes: std::mem::take(&mut self.wakes), stale: std::mem::take(&mut self.stale) }
    }

    /// Everybody who waits, when the executor goes.
    pub(crate) fn abandon(&mut self) -> After {
        for listening in self.listeners.values_mut() {
            self.stale.append(&mut listening.wakers);
        }
        for connection in self.connections.values_mut() {
            for side in Side::BOTH {
                let connector = connection[side].connector.take();
                let pipe = connection.written_by(side);
                self.stale.extend([connector, pipe.reader.take(), pipe.writer.take()].into_iter().flatten());
            }
        }
        self.connections.clear();
        self.listeners.clear();
        self.events.clear();
        self.after()
    }

    pub(super) fn next_id(&mut self) -> u64 {
        self.made += 1;
        self.made
    }

    pub(super) fn schedule(&mut self, at: u64, event: Event) -> EventKey {
        let key = (at, self.next_id());
        self.events.insert(key, event);
        key
    }

    pub(super) fn cancel(&mut self, key: Option<EventKey>) {
        if let Some(key) = key {
            self.events.remove(&key);
        }
    }

    pub(super) fn wake(&mut self, wakers: impl IntoIterator<Item = Waker>) {
        self.wakes.extend(wakers);
    }

    /// Remembers a waker in its place; the one that was there is dropped later.
    pub(super) fn drop_later(&mut self, stale: impl IntoIterator<Item = Waker>) {
        self.stale.extend(stale);
    }

    /// How long something takes from one host to another: within one, no longer than the shortest way.
    pub(super) fn latency(&mut self, from: HostId, to: HostId) -> u64 {
        let (shortest, longest) = self.latency;
        let (least, most) = if from == to { (0, shortest) } else { (shortest, longest) };
        let spread = usize::try_from(most - least).unwrap_or(usize::MAX - 1);
        let drawn = least.saturating_add(self.dice.below(spread + 1) as u64);
        drawn.saturating_add(self.links.slower(from, to))
    }

    /// What is left of a number of bytes that are read or written at once: all of them, mostly.
    pub(super) fn part_of(&mut self, whole: usize) -> usize {
        if whole > 1 && self.dice.once_in(4) { 1 + self.dice.below(whole) } else { whole }
    }

    /// An end as people call it.
    pub(super) fn name(&self, connection: u64, side: Side) -> String {
        let Some(connection) = self.connections.get(&connection) else { return "nobody".to_owned() };
        let end = &connection[side];
        let host = self.hosts.name(end.host);
        match end.local.port() {
            Some(port) => format!("{host}:{port}"),
            None => format!("{host} {}", end.local),
        }
    }
}

/// Puts a waker into a place; the one that was there, if it is another one, is to be dropped later.
pub(super) fn park(place: &mut Option<Waker>, waker: &Waker) -> Option<Waker> {
    if place.as_ref().is_some_and(|parked| parked.will_wake(waker)) {
        return None;
    }
    place.replace(waker.clone())
}

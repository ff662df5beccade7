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

/// The state of the simulated network.
pub(crate) struct Network {
    pub(super) hosts: Hosts,
    pub(super) links: Links,
    pub(super) connections: BTreeMap<u64, Connection>,
    pub(super) listeners: BTreeMap<u64, Listening>,
    /// The files of Unix sockets, by host and path, with the listener if it still exists.
    pub(super) files: BTreeMap<(HostId, PathBuf), Option<u64>>,
    pub(super) dice: Dice,
    /// The maximum number of bytes of one direction that are written and not read.
    pub(super) bound: usize,
    /// The number of sockets that the program holds.
    pub(super) held: usize,
    latency: (u64, u64),
    events: BTreeMap<EventKey, Event>,
    made: u64,
    wakes: Vec<Waker>,
    stale: Vec<Waker>,
}

/// The time of an event, and its number, which orders events of the same time.
pub(crate) type EventKey = (u64, u64);

/// An event that happens at a time, without an action of the program.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// The first segment that a side has written arrives at the other side.
    Arrives(u64, Side),
    /// A side gives up, because its data has not arrived for too long.
    GivesUp(u64, Side),
    /// A side that was a slow reader reads on.
    Reads(u64, Side),
    /// A link that a fault has cut is whole again.
    Heals(HostId, HostId),
}

/// The parts of a run that the network uses.
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

/// Wakers to wake and to drop after the lock is released: both may run users' code.
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

    /// The time of the next event.
    pub(crate) fn next(&self) -> Option<u64> {
        self.events.first_key_value().map(|((at, _), _)| *at)
    }

    /// Performs the events that are due.
    pub(crate) fn fire(&mut self, around: &mut Around<'_>) {
        while let Some(first) = self.events.first_entry().filter(|first| first.key().0 <= around.now) {
            match first.remove() {
                Event::Arrives(connection, side) => self.arrive(connection, side, around),
                Event::GivesUp(connection, side) => self.give_up(connection, side, around),
                Event::Reads(connection, side) => self.read_on(connection, side),
                Event::Heals(from, to) => self.heal_after_fault(from, to, around),
            }
        }
    }

    /// The number of sockets that the program holds.
    pub(crate) fn held(&self) -> usize {
        self.held
    }

    pub(crate) fn after(&mut self) -> After {
        After { wakes: std::mem::take(&mut self.wakes), stale: std::mem::take(&mut self.stale) }
    }

    /// Takes all wakers when the executor is dropped.
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

    /// Keeps replaced wakers, to drop them without the lock.
    pub(super) fn drop_later(&mut self, stale: impl IntoIterator<Item = Waker>) {
        self.stale.extend(stale);
    }

    /// Draws the latency from one host to another. Within a host it is at most the shortest one.
    pub(super) fn latency(&mut self, from: HostId, to: HostId) -> u64 {
        let (shortest, longest) = self.latency;
        let (least, most) = if from == to { (0, shortest) } else { (shortest, longest) };
        let spread = usize::try_from(most - least).unwrap_or(usize::MAX - 1);
        let drawn = least.saturating_add(self.dice.below(spread + 1) as u64);
        drawn.saturating_add(self.links.slower(from, to))
    }

    /// Draws how many of `whole` bytes are read or written at once: mostly all.
    pub(super) fn part_of(&mut self, whole: usize) -> usize {
        if whole > 1 && self.dice.once_in(4) { 1 + self.dice.below(whole) } else { whole }
    }

    /// The name of an end for the trace: its host and port or path.
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

/// Stores a waker; returns the replaced one, which the caller drops without the lock.
pub(super) fn park(place: &mut Option<Waker>, waker: &Waker) -> Option<Waker> {
    if place.as_ref().is_some_and(|parked| parked.will_wake(waker)) {
        return None;
    }
    place.replace(waker.clone())
}

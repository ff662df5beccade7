use std::collections::{BTreeMap, HashMap};

use otp_core::runtime::Instant;
use otp_core::{MonitorRef, Pid, Ref};

use super::options::{Strategy, Worker};

/// The books of a pool: each worker is in one state, and each loan or wait has one ticket. Plain data; the
/// [server](super::server) acts on it.
pub(super) struct Book<W: Worker> {
    workers: HashMap<Pid, Entry<W>>,
    /// The idle workers, in the order in which they became idle, and since when they are.
    idle: BTreeMap<u64, (Pid, Instant)>,
    next_idle: u64,
    tickets: HashMap<Ref, Ticket>,
    borrowers: HashMap<Pid, Borrower>,
    pub(super) borrowed: usize,
    pub(super) checking: usize,
    pub(super) leaving: usize,
}

/// A worker that has started and not ended.
pub(super) struct Entry<W> {
    pub(super) worker: W,
    pub(super) monitor: MonitorRef,
    /// When it was started.
    pub(super) since: Instant,
    /// Whether it was checked in once, in good health.
    pub(super) is_proven: bool,
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// With its number among the idle.
    Idle(u64),
    Borrowed(Ref),
    Checking,
    /// It is being ended.
    Leaving,
}

/// A borrower's place in the line, and then its loan.
#[derive(Clone, Copy)]
struct Ticket {
    borrower: Option<Pid>,
    has: Has,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Has {
    /// A place in the line.
    Place(u64),
    Worker(Pid),
    /// A worker that has ended.
    Nothing,
}

/// A process with tickets.
struct Borrower {
    monitor: MonitorRef,
    tickets: Vec<Ref>,
}

impl<W: Worker> Book<W> {
    pub(super) fn new() -> Book<W> {
        Book {
            workers: HashMap::new(),
            idle: BTreeMap::new(),
            next_idle: 0,
            tickets: HashMap::new(),
            borrowers: HashMap::new(),
            borrowed: 0,
            checking: 0,
            leaving: 0,
        }
    }

    pub(super) fn total(&self) -> usize {
        self.workers.len()
    }

    /// The workers that are there to stay.
    pub(super) fn active(&self) -> usize {
        self.workers.len() - self.leaving
    }

    pub(super) fn idle(&self) -> usize {
        self.idle.len()
    }

    pub(super) fn worker(&mut self, pid: Pid) -> Option<&mut Entry<W>> {
        self.workers.get_mut(&pid)
    }

    /// Adds a worker that has just started; it counts in its state until it gets another one.
    pub(super) fn add(&mut self, pid: Pid, entry: Entry<W>) {
        self.count(entry.state, true);
        self.workers.insert(pid, entry);
    }

    /// Removes a worker that has ended. A borrower that has it keeps its ticket.
    pub(super) fn remove(&mut self, pid: Pid) -> Option<Entry<W>> {
        let entry = self.workers.remove(&pid)?;
        self.leave_state(entry.state);
        if let State::Borrowed(ticket) = entry.state
            && let Some(ticket) = self.tickets.get_mut(&ticket)
        {
            ticket.has = Has::Nothing;
        }
        Some(entry)
    }

    /// Makes a worker idle.
    pub(super) fn set_idle(&mut self, pid: Pid, now: Instant) {
        let number = self.next_idle;
        self.next_idle += 1;
        self.set(pid, State::Idle(number));
        self.idle.insert(number, (pid, now));
    }

    /// Puts a worker into another state.
    pub(super) fn set(&mut self, pid: Pid, state: State) {
        let Some(entry) = self.workers.get_mut(&pid) else { return };
        let old = std::mem::replace(&mut entry.state, state);
        self.leave_state(old);
        self.count(state, true);
    }

    fn leave_state(&mut self, state: State) {
        self.count(state, false);
        if let State::Idle(number) = state {
            self.idle.remove(&number);
        }
    }

    fn count(&mut self, state: State, enters: bool) {
        let count = match state {
            State::Idle(_) => return,
            State::Borrowed(_) => &mut self.borrowed,
            State::Checking => &mut self.checking,
            State::Leaving => &mut self.leaving,
        };
        if enters {
            *count += 1;
        } else {
            *count -= 1;
        }
    }

    /// The worker that has been idle longest, and since when.
    pub(super) fn oldest_idle(&self) -> Option<(Pid, Instant)> {
        self.idle.first_key_value().map(|(_, oldest)| *oldest)
    }

    /// The idle worker that is lent next.
    pub(super) fn next_idle(&self, strategy: Strategy) -> Option<Pid> {
        let next = match strategy {
            Strategy::Lifo => self.idle.last_key_value(),
            Strategy::Fifo => self.idle.first_key_value(),
        };
        next.map(|(_, (pid, _))| *pid)
    }

    /// Gives a borrower with a place in the line its worker.
    pub(super) fn lend(&mut self, pid: Pid, to: Ref) -> Option<W> {
        self.tickets.get_mut(&to)?.has = Has::Worker(pid);
        self.set(pid, State::Borrowed(to));
        self.workers.get(&pid).map(|entry| entry.worker.clone())
    }

    /// Notes a borrower; `monitor` is called if the process has no other ticket.
    pub(super) fn note(
        &mut self,
        ticket: Ref,
        borrower: Option<Pid>,
        place: u64,
        monitor: impl FnOnce(Pid) -> MonitorRef,
    ) {
        if let Some(pid) = borrower {
            let known = self.borrowers.entry(pid);
            known.or_insert_with(|| Borrower { monitor: monitor(pid), tickets: Vec::new() }).tickets.push(ticket);
        }
        self.tickets.insert(ticket, Ticket { borrower, has: Has::Place(place) });
    }

    /// Removes a ticket; returns what its holder had, and the monitor of a borrower that has no other ticket.
    pub(super) fn redeem(&mut self, ticket: Ref) -> Option<(Has, Option<MonitorRef>)> {
        let Ticket { borrower, has } = self.tickets.remove(&ticket)?;
        let Some(pid) = borrower else { return Some((has, None)) };
        let Some(known) = self.borrowers.get_mut(&pid) else { return Some((has, None)) };
        known.tickets.retain(|other| *other != ticket);
        if !known.tickets.is_empty() {
            return Some((has, None));
        }
        let gone = self.borrowers.remove(&pid);
        Some((has, gone.map(|borrower| borrower.monitor)))
    }

    /// The tickets of a borrower that has ended, as its monitor says.
    pub(super) fn tickets_of(&self, borrower: Pid, monitor: MonitorRef) -> Vec<Ref> {
        let known = self.borrowers.get(&borrower).filter(|known| known.monitor == monitor);
        known.map(|known| known.tickets.clone()).unwrap_or_default()
    }
}

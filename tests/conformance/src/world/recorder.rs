use std::collections::{HashMap, HashSet};

use otp::{ExitReason, Pid};
use serde_json::Value;

use super::actor::Actor;
use super::incarnation::Incarnation;
use crate::language::Until;
use crate::trace::Shape;

/// Numbers incarnations, knows who is who, and notes what happens, each event with a stamp from one counter.
#[derive(Default)]
pub(crate) struct Recorder {
    stamp: u64,
    attempts: HashMap<String, u32>,
    actors: HashMap<Incarnation, Actor>,
    pids: HashMap<Pid, Incarnation>,
    latest: HashMap<String, Incarnation>,
    /// When `init` succeeded, for those whose start has not returned yet.
    ready: HashMap<Incarnation, u64>,
    failed: HashSet<Incarnation>,
    started: HashSet<Incarnation>,
    exited: HashSet<Incarnation>,
    /// Whether everything stops.
    halted: bool,
    /// Ends of processes that nobody has introduced yet: a supervisor is known only when its start has returned.
    unknown: HashMap<Pid, (u64, ExitReason)>,
    events: Vec<Recorded>,
    count: usize,
}

/// An event, before it is printed.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) stamp: u64,
    pub(crate) of: Incarnation,
    pub(crate) happening: Happening,
}

/// What happened.
#[derive(Clone, Debug)]
pub(crate) enum Happening {
    Start(Attempt),
    Exit(ExitReason),
    Terminate(ExitReason),
    Log(Value),
    Info(Shape),
    /// An event of a machine: its state, the type, the timer's name, and the event's.
    Event {
        state: String,
        kind: &'static str,
        timer: Option<String>,
        event: Shape,
    },
    /// A machine enters a state, from an old one.
    Enter {
        state: String,
        old: String,
    },
    /// `terminate` of a machine.
    Ending {
        state: String,
        reason: ExitReason,
    },
    Timeout,
    CodeChange,
    /// `init` of an event handler: the word for how it is added, or what is left of the one before.
    HandlerInit {
        handler: String,
        from: Shape,
    },
    /// A callback of an event handler, and what it gets.
    Handle {
        handler: String,
        kind: &'static str,
        event: Shape,
    },
    /// A callback of an application, and what it gets.
    App {
        call: &'static str,
        details: Vec<(&'static str, Shape)>,
    },
    /// Everything stops, for this reason.
    Halt(Shape),
    /// `terminate` of an event handler.
    HandlerTerminate {
        handler: String,
        arg: Shape,
    },
}

/// How an attempt to start an actor went.
#[derive(Clone, Debug)]
pub(crate) enum Attempt {
    Ok,
    Ignore,
    Failed(Shape),
}

impl Recorder {
    /// Begins an attempt to start `id`.
    pub(crate) fn attempt(&mut self, id: &str) -> Incarnation {
        let n = self.attempts.entry(id.to_owned()).or_default();
        *n += 1;
        Incarnation::new(id, *n)
    }

    /// Introduces a process, at the latest when its start has returned.
    pub(crate) fn introduce(&mut self, pid: Pid, incarnation: &Incarnation, actor: Actor) {
        self.pids.insert(pid, incarnation.clone());
        self.actors.insert(incarnation.clone(), actor);
        if let Some((stamp, reason)) = self.unknown.remove(&pid) {
            self.add(stamp, incarnation, Happening::Exit(reason));
        }
    }

    /// Notes, in the new process, that its `init` has succeeded.
    pub(crate) fn ready(&mut self, of: &Incarnation) {
        let stamp = self.next_stamp();
        self.ready.insert(of.clone(), stamp);
    }

    /// Notes, in the starter, that the start has returned. A success counts from the end of `init`.
    pub(crate) fn started(&mut self, of: &Incarnation, attempt: Attempt) {
        let stamp = match (&attempt, self.ready.remove(of)) {
            (Attempt::Ok, Some(ready)) => ready,
            _ => self.next_stamp(),
        };
        self.started.insert(of.clone());
        match attempt {
            Attempt::Ok => drop(self.latest.insert(of.id.to_string(), of.clone())),
            Attempt::Ignore | Attempt::Failed(_) => drop(self.failed.insert(of.clone())),
        }
        self.add(stamp, of, Happening::Start(attempt));
    }

    pub(crate) fn record(&mut self, of: &Incarnation, happening: Happening) {
        let stamp = self.next_stamp();
        self.add(stamp, of, happening);
    }

    /// A process has ended; its links and monitors have not fired.
    pub(crate) fn exited(&mut self, pid: Pid, reason: ExitReason) {
        let stamp = self.next_stamp();
        match self.pids.get(&pid).cloned() {
            Some(of) => self.add(stamp, &of, Happening::Exit(reason)),
            None => drop(self.unknown.insert(pid, (stamp, reason))),
        }
    }

    /// What has been recorded since the last time, in the order of the stamps. The end of a process whose start did
    /// not succeed is not told, nor anything about the driver.
    pub(crate) fn take(&mut self) -> Vec<Recorded> {
        let mut events = std::mem::take(&mut self.events);
        events.retain(|event| {
            let unborn = matches!(event.happening, Happening::Exit(_)) && self.failed.contains(&event.of);
            event.of.is_numbered() && !unborn
        });
        events.sort_by_key(|event| event.stamp);
        events
    }

    /// How many events have been recorded in all.
    pub(crate) fn count(&self) -> usize {
        self.count
    }

    pub(crate) fn has_happened(&self, until: &Until) -> bool {
        match until {
            Until::Start(id, n) => self.started.contains(&Incarnation::new(id, *n)),
            Until::Exit(id, n) => self.exited.contains(&Incarnation::new(id, *n)),
            Until::Halt => self.halted,
        }
    }

    pub(crate) fn actor(&self, of: &Incarnation) -> Option<Actor> {
        self.actors.get(of).cloned()
    }

    pub(crate) fn actor_of(&self, pid: Pid) -> Option<Actor> {
        self.actor(self.pids.get(&pid)?)
    }

    /// The latest incarnation that started successfully.
    pub(crate) fn latest(&self, id: &str) -> Option<Actor> {
        self.actor(self.latest.get(id)?)
    }

    /// Who a process is.
    pub(crate) fn who(&self, pid: Pid) -> Option<&Incarnation> {
        self.pids.get(&pid)
    }

    fn add(&mut self, stamp: u64, of: &Incarnation, happening: Happening) {
        if matches!(happening, Happening::Exit(_)) {
            self.exited.insert(of.clone());
        }
        self.halted |= matches!(happening, Happening::Halt(_));
        self.count += 1;
        self.events.push(Recorded { stamp, of: of.clone(), happening });
    }

    fn next_stamp(&mut self) -> u64 {
        self.stamp += 1;
        self.stamp
    }
}

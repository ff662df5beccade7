//! A supervisor as the manual page describes it, with no thought for speed: a list of children, and a list of all
//! restarts there ever were.

use crate::flags::{AutoShutdown, Strategy};
use crate::policy::Restart;

pub(super) struct Model {
    pub(super) strategy: Strategy,
    pub(super) auto_shutdown: AutoShutdown,
    pub(super) limit: usize,
    pub(super) period: u64,
    pub(super) restarts: Vec<u64>,
    pub(super) children: Vec<Modelled>,
}

pub(super) struct Modelled {
    pub(super) id: usize,
    pub(super) restart: Restart,
    pub(super) significant: bool,
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    Running,
    Stopped,
    Restarting,
}

/// What a supervisor does, as an observer sees it.
#[derive(Debug, PartialEq)]
pub(super) enum Deed {
    Nothing,
    /// It stops running children in this order, and then starts children in this order; whether all have started.
    Restart {
        stopped: Vec<usize>,
        started: Vec<usize>,
        all: bool,
    },
    GiveUp(usize),
    AutoShutdown,
}

impl Model {
    pub(super) fn state(&self, id: usize) -> Option<State> {
        self.children.iter().find(|child| child.id == id).map(|child| child.state)
    }

    /// A child that runs has ended. The next starts fail or not, as `fails` says.
    pub(super) fn exit(&mut self, id: usize, abnormal: bool, now: u64, fails: &mut dyn FnMut() -> bool) -> Deed {
        let child = self.children.iter().find(|child| child.id == id).unwrap();
        let (restart, significant) = (child.restart, child.significant);
        if restart == Restart::Permanent || (restart == Restart::Transient && abnormal) {
            return self.restart(id, now, fails);
        }
        self.set_stopped(id);
        let left = self.children.iter().any(|child| child.significant && child.state != State::Stopped);
        match self.auto_shutdown {
            AutoShutdown::AnySignificant if significant => Deed::AutoShutdown,
            AutoShutdown::AllSignificant if significant && !left => Deed::AutoShutdown,
            _ => Deed::Nothing,
        }
    }

    /// The time has come to try again.
    pub(super) fn retry(&mut self, id: usize, now: u64, fails: &mut dyn FnMut() -> bool) -> Deed {
        if self.state(id) == Some(State::Restarting) { self.restart(id, now, fails) } else { Deed::Nothing }
    }

    pub(super) fn set_stopped(&mut self, id: usize) {
        self.children.retain(|child| child.id != id || child.restart != Restart::Temporary);
        for child in self.children.iter_mut().filter(|child| child.id == id) {
            child.state = State::Stopped;
        }
    }

    fn restart(&mut self, id: usize, now: u64, fails: &mut dyn FnMut() -> bool) -> Deed {
        self.restarts.push(now);
        if self.restarts.iter().filter(|restart| now - **restart <= self.period).count() > self.limit {
            self.set_stopped(id);
            return Deed::GiveUp(id);
        }
        let all: Vec<usize> = self.children.iter().map(|child| child.id).collect();
        let place = all.iter().position(|other| *other == id).unwrap();
        let group = match self.strategy {
            Strategy::OneForOne => &all[place..=place],
            Strategy::RestForOne => &all[place..],
            Strategy::OneForAll => &all[..],
        };
        let mut stopped = Vec::new();
        for other in group.iter().rev().filter(|other| **other != id) {
            if self.state(*other) == Some(State::Running) {
                stopped.push(*other);
            }
            self.set_stopped(*other);
        }
        self.set_stopped(id);
        let mut started = Vec::new();
        for other in group {
            let Some(child) = self.children.iter_mut().find(|child| child.id == *other) else { continue };
            started.push(*other);
            if fails() {
                child.state = State::Restarting;
                return Deed::Restart { stopped, started, all: false };
            }
            child.state = State::Running;
        }
        Deed::Restart { stopped, started, all: true }
    }
}

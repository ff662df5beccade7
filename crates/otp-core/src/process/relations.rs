use std::collections::BTreeMap;
use std::task::Waker;

use slab::Slab;

use super::Pid;
use super::alarm::Alarm;
use super::belonging::{Belonging, Belongings};
use super::header::Waiter;
use super::links::Links;
use super::message::Exit;
use super::reference::MonitorRef;
use super::target::Target;
use crate::cell::Token;
use crate::exit::ExitReason;
use crate::label::Label;
use crate::name::Registered;

/// What ties a process to others. Replacing `Alive` by `Dead`, under the lock, is the moment at which it is dead for
/// links, monitors, names and waiting callers.
pub(crate) enum Relations {
    Alive(Alive),
    Dead(Dead),
}

/// What is remembered of a process as long as somebody holds a reference to it.
pub(crate) struct Dead {
    pub(crate) reason: ExitReason,
    /// What few have, so that the dead take no more room than the living.
    more: Option<Box<Epilogue>>,
}

struct Epilogue {
    /// What people called it, for the texts of errors.
    label: Option<Label>,
    /// Those who wait for the end, until they have been told: after its links and monitors.
    waiting: Option<Waiters>,
}

/// Small, for there are many: what an idle process does not have takes a word.
#[derive(Default)]
pub(crate) struct Alive {
    pub(crate) links: Links,
    pub(crate) waiting: Waiters,
    belongings: Option<Box<Belongings>>,
    rare: Option<Box<Rare>>,
}

/// Callers that wait for an answer or for the end, by their places.
#[derive(Default)]
pub(crate) struct Waiters(Option<Box<Slab<Waiter>>>);

/// What many processes never have.
#[derive(Default)]
pub(crate) struct Rare {
    /// The exit signal that will end the process: the first one that was not ignored.
    pub(crate) doomed: Option<Exit>,
    /// Monitors that others have set on this process.
    pub(crate) watchers: BTreeMap<MonitorRef, Watcher>,
    /// Monitors that this process has set, with what they resolved to.
    pub(crate) watching: BTreeMap<MonitorRef, Pid>,
    /// What people call it, if that is not a literal.
    pub(crate) label: Option<Label>,
    pub(crate) status: Option<Label>,
    pub(crate) alarm: Option<Alarm>,
    /// The executor's waker, if it is not the one of the first poll.
    pub(crate) shell: Option<Waker>,
    /// The reply tokens that this process has dropped, and whose callers have not been told yet.
    pub(crate) dropped: Vec<Box<dyn Dropped>>,
}

/// A process that monitors another one, and what it asked to monitor.
pub(crate) struct Watcher {
    pub(crate) pid: Pid,
    pub(crate) target: Target,
}

/// A reply token that was dropped without a reply, and whose caller has not been told.
pub(crate) trait Dropped: Send {
    fn tell(self: Box<Self>);
}

impl<R: Send> Dropped for Token<R, ExitReason> {
    fn tell(self: Box<Self>) {
        self.drop_unanswered();
    }
}

impl Default for Relations {
    fn default() -> Relations {
        Relations::Alive(Alive::default())
    }
}

impl Relations {
    pub(crate) fn alive(&mut self) -> Option<&mut Alive> {
        match self {
            Relations::Alive(alive) => Some(alive),
            Relations::Dead(_) => None,
        }
    }

    /// Those who wait for an answer or for the end; `None` once they have been told of it.
    pub(crate) fn waiting(&mut self) -> Option<&mut Waiters> {
        match self {
            Relations::Alive(alive) => Some(&mut alive.waiting),
            Relations::Dead(dead) => dead.waiting(),
        }
    }

    /// What people call the process, if that is not a literal: its label, else its name.
    pub(crate) fn label(&self) -> Option<Label> {
        match self {
            Relations::Alive(alive) => alive.label(),
            Relations::Dead(dead) => dead.more.as_ref()?.label.clone(),
        }
    }
}

impl Dead {
    /// `waiting` are those who are to be told later.
    pub(crate) fn new(reason: ExitReason, label: Option<Label>, waiting: Option<Waiters>) -> Dead {
        let more = (label.is_some() || waiting.is_some()).then(|| Box::new(Epilogue { label, waiting }));
        Dead { reason, more }
    }

    /// Those who wait, if they have not been told yet.
    pub(crate) fn waiting(&mut self) -> Option<&mut Waiters> {
        self.more.as_mut()?.waiting.as_mut()
    }

    pub(crate) fn take_waiting(&mut self) -> Option<Waiters> {
        self.more.as_mut()?.waiting.take()
    }
}

impl Waiters {
    pub(crate) fn insert(&mut self, waiter: Waiter) -> usize {
        self.0.get_or_insert_default().insert(waiter)
    }

    pub(crate) fn remove(&mut self, key: usize) -> Option<Waiter> {
        self.0.as_mut()?.try_remove(key)
    }

    pub(crate) fn tell(self, reason: &ExitReason) {
        if let Some(waiting) = self.0 {
            waiting.into_iter().for_each(|(_, waiter)| waiter.exited(reason));
        }
    }
}

impl Alive {
    pub(crate) fn label(&self) -> Option<Label> {
        let label = self.rare.as_deref().and_then(|rare| rare.label.as_ref());
        label.or_else(|| self.name()).cloned()
    }

    /// The name that the process holds.
    pub(crate) fn name(&self) -> Option<&Label> {
        self.owned().map(Registered::name)
    }

    pub(crate) fn keep(&mut self, belonging: Box<dyn Belonging>) -> u32 {
        self.belongings.get_or_insert_default().add(belonging)
    }

    pub(crate) fn belongings(&mut self) -> Option<&mut Belongings> {
        self.belongings.as_deref_mut()
    }

    /// The belonging of type `T`, for types of which there is at most one.
    pub(crate) fn owned<T: Belonging>(&self) -> Option<&T> {
        self.belongings.as_deref()?.find()
    }

    pub(crate) fn take_belongings(&mut self) -> Option<Box<Belongings>> {
        self.belongings.take()
    }

    pub(crate) fn rare(&mut self) -> &mut Rare {
        self.rare.get_or_insert_default()
    }

    pub(crate) fn existing_rare(&mut self) -> Option<&mut Rare> {
        self.rare.as_deref_mut()
    }

    pub(crate) fn into_rare(self) -> Option<Box<Rare>> {
        self.rare
    }

    /// Whether its end concerns anything else than those who wait for it.
    pub(crate) fn has_ties(&self) -> bool {
        self.rare.is_some() || !self.links.is_empty()
    }
}

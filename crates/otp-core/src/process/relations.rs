use std::collections::BTreeMap;
use std::sync::Arc;
use std::task::Waker;

use super::Pid;
use super::alarm::Alarm;
use super::arrival::Arrival;
use super::belonging::{Belonging, Belongings};
use super::blocked::Blocked;
use super::links::Links;
use super::message::Exit;
use super::reference::MonitorRef;
use super::target::Target;
use super::tracer::Tracer;
use super::waiters::Waiters;
use super::waits::Waits;
use crate::cell::Token;
use crate::event::{Note, Open};
use crate::exit::ExitReason;
use crate::label::Label;
use crate::name::Registered;

/// The ties of a process to others. Replacing `Alive` by `Dead`, under the lock, is the moment at which the process is
/// dead for links, monitors, names and waiting callers.
pub(crate) enum Relations {
    Alive(Alive),
    Dead(Dead),
}

/// What remains of a dead process as long as references to it exist.
pub(crate) struct Dead {
    pub(crate) reason: ExitReason,
    /// Boxed because few processes have it: the dead take no more memory than the living.
    more: Option<Box<Epilogue>>,
}

struct Epilogue {
    /// The label, for the texts of errors.
    label: Option<Label>,
    /// Futures that wait for the end, until they are notified: after links and monitors.
    waiting: Option<Waiters>,
    /// Where begins what it has not received.
    unread: Option<Arrival>,
}

/// Small, because there are many: a part that an idle process does not need takes one word.
#[derive(Default)]
pub(crate) struct Alive {
    pub(crate) links: Links,
    pub(crate) waiting: Waiters,
    belongings: Option<Box<Belongings>>,
    /// The exit signal that will end the process: the first one that was not ignored.
    pub(crate) doomed: Option<Box<Exit>>,
    rare: Option<Box<Rare>>,
}

/// Parts that many processes never have.
#[derive(Default)]
pub(crate) struct Rare {
    /// Monitors that others have set on this process.
    pub(crate) watchers: BTreeMap<MonitorRef, Watcher>,
    /// Monitors that this process has set, with what they resolved to.
    pub(crate) watching: BTreeMap<MonitorRef, Pid>,
    /// The label, if it is not a literal.
    pub(crate) label: Option<Label>,
    pub(crate) status: Option<Label>,
    pub(crate) alarm: Option<Alarm>,
    /// What its code waits for under wakers of its own.
    pub(crate) blocked: Option<Box<Blocked>>,
    /// The executor's waker, if it is not the one of the first poll.
    pub(crate) shell: Option<Arc<Waker>>,
    /// Reply tokens that this process has dropped, and whose callers are not notified yet.
    pub(crate) dropped: Vec<Box<dyn Dropped>>,
    /// What sees what it does.
    pub(crate) tracer: Option<Box<dyn Tracer>>,
    /// The processes that it waits for.
    pub(crate) waits: Option<Box<Waits>>,
    /// The note of the message that it has received.
    pub(crate) note: Option<Box<Note>>,
    /// The span of what it does.
    pub(crate) open: Option<Box<Open>>,
    /// How its state looks, for the report of its crash.
    pub(crate) state: Option<Arc<str>>,
}

/// A process that monitors another one, and the target that it passed to `monitor`.
pub(crate) struct Watcher {
    pub(crate) pid: Pid,
    pub(crate) target: Target,
}

/// A dropped reply token whose caller is not notified yet.
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

    /// The futures that wait for an answer or for the end; `None` once they have been notified.
    pub(crate) fn waiting(&mut self) -> Option<&mut Waiters> {
        match self {
            Relations::Alive(alive) => Some(&mut alive.waiting),
            Relations::Dead(dead) => dead.waiting(),
        }
    }

    /// The label of the process, if it is not a literal; else its name.
    pub(crate) fn label(&self) -> Option<Label> {
        match self {
            Relations::Alive(alive) => alive.label(),
            Relations::Dead(dead) => dead.more.as_ref()?.label.clone(),
        }
    }
}

impl Dead {
    /// `waiting` are the futures to notify later.
    /// `unread` is where begins what it has not received.
    pub(crate) fn new(
        reason: ExitReason,
        label: Option<Label>,
        waiting: Option<Waiters>,
        unread: Option<Arrival>,
    ) -> Dead {
        let is_plain = label.is_none() && waiting.is_none() && unread.is_none();
        let more = (!is_plain).then(|| Box::new(Epilogue { label, waiting, unread }));
        Dead { reason, more }
    }

    pub(super) fn unread(&self) -> Option<Arrival> {
        self.more.as_ref()?.unread
    }

    /// The waiting futures, if they have not been notified yet.
    pub(crate) fn waiting(&mut self) -> Option<&mut Waiters> {
        self.more.as_mut()?.waiting.as_mut()
    }

    pub(crate) fn take_waiting(&mut self) -> Option<Waiters> {
        self.more.as_mut()?.waiting.take()
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

    /// Whether nothing follows from the end of the process.
    pub(crate) fn is_idle(&self) -> bool {
        let rare = self.rare.as_deref();
        let is_watched = rare.is_some_and(|rare| !rare.watchers.is_empty() || !rare.watching.is_empty());
        let has_belongings = self.belongings.as_deref().is_some_and(|belongings| !belongings.is_empty());
        !is_watched && self.links.is_empty() && self.waiting.is_empty() && !has_belongings
    }

    /// Whether the end of the process concerns anything other than the futures that wait for it.
    pub(crate) fn has_ties(&self) -> bool {
        self.rare.is_some() || !self.links.is_empty()
    }
}

use std::fmt;
use std::sync::Arc;

use super::Pid;
use super::belonging::{Belonging, End};
use super::handle::Process;
use super::relations::Relations;
use super::ties::Party;
use crate::exit::ExitReason;
use crate::system::System;

/// Takes a belonging back from its owner; returned by [`Process::keep`]. Dropping this leaves the belonging in place.
pub struct Kept {
    owner: Arc<dyn Party>,
    key: u32,
}

impl Process {
    /// Attaches a belonging to this process until the process ends. When it ends, belongings are notified in the order
    /// in which they were attached.
    ///
    /// If the process has ended already, the belonging is notified at once.
    ///
    /// ```
    /// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
    /// use std::collections::BTreeSet;
    /// use std::sync::{Arc, Mutex};
    /// use otp::process::{Belonging, End};
    /// use otp::{Pid, ProcessContext};
    ///
    /// /// The processes that have joined and not ended.
    /// #[derive(Clone, Default)]
    /// struct Group(Arc<Mutex<BTreeSet<Pid>>>);
    ///
    /// impl Belonging for Group {
    ///     fn owner_ended(self: Box<Self>, end: &End<'_>) {
    ///         self.0.lock().unwrap().remove(&end.pid);
    ///     }
    /// }
    ///
    /// let group = Group::default();
    /// let joins = group.clone();
    /// let member = system.spawn(async move |ctx: ProcessContext<()>| {
    ///     joins.0.lock().unwrap().insert(ctx.pid());
    ///     ctx.keep(joins.clone());
    /// });
    /// member.exited().await;
    /// assert!(group.0.lock().unwrap().is_empty());
    /// # }).unwrap();
    /// ```
    pub fn keep(&self, belonging: impl Belonging) -> Kept {
        let owner: Arc<dyn Party> = self.inner().clone();
        let key = attach(&*owner, Box::new(belonging));
        Kept { owner, key: key.unwrap_or(u32::MAX) }
    }
}

impl System {
    /// Attaches a belonging to the process with this pid, here or on another node; see [`Process::keep`]. For what one
    /// process records about another one, such as a membership in a group.
    ///
    /// `None` if there is no such process: the belonging has been notified already, with its exit reason or `NoProc`.
    pub fn keep(&self, owner: Pid, belonging: impl Belonging) -> Option<Kept> {
        let belonging = Box::new(belonging);
        match self.party(owner) {
            Ok(owner) => attach(&*owner, belonging).map(|key| Kept { owner, key }),
            Err(reason) => {
                belonging.owner_ended(&End { pid: owner, system: self, reason: &reason, not_started: false });
                None
            }
        }
    }
}

/// Attaches a belonging, and returns its key; `None` if its owner has ended, of which it has been notified.
fn attach(owner: &dyn Party, belonging: Box<dyn Belonging>) -> Option<u32> {
    let ties = owner.ties();
    let mut relations = ties.relations.lock();
    let reason: ExitReason = match &mut *relations {
        Relations::Alive(alive) => return Some(alive.keep(belonging)),
        Relations::Dead(dead) => dead.reason.clone(),
    };
    drop(relations);
    belonging.owner_ended(&End { pid: ties.pid, system: &ties.system, reason: &reason, not_started: false });
    None
}

impl Kept {
    /// Detaches the belonging: it is not notified of the owner's end. `None` if it has been notified already, or is
    /// about to be.
    pub fn take_back(self) -> Option<Box<dyn Belonging>> {
        self.owner.ties().relations.lock().alive()?.belongings()?.remove(self.key)
    }

    /// The process that owns the belonging.
    pub fn owner(&self) -> Pid {
        self.owner.ties().pid
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kept(by {})", self.owner())
    }
}

use std::fmt;
use std::sync::Arc;

use super::Pid;
use super::belonging::{Belonging, End};
use super::handle::Process;
use super::header::AnyProcess;
use super::relations::Relations;

/// Takes a belonging back from its owner; returned by [`Process::keep`]. Dropping this leaves the belonging in place.
pub struct Kept {
    owner: Arc<dyn AnyProcess>,
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
        let owner = self.inner().clone();
        let belonging = Box::new(belonging);
        let mut relations = owner.header().relations.lock();
        let reason = match &mut *relations {
            Relations::Alive(alive) => {
                let key = alive.keep(belonging);
                drop(relations);
                return Kept { owner, key };
            }
            Relations::Dead(dead) => dead.reason.clone(),
        };
        drop(relations);
        belonging.owner_ended(&End { pid: self.pid(), system: self.system(), reason: &reason });
        Kept { owner, key: u32::MAX }
    }
}

impl Kept {
    /// Detaches the belonging: it is not notified of the owner's end. `None` if it has been notified already, or is
    /// about to be.
    pub fn take_back(self) -> Option<Box<dyn Belonging>> {
        self.owner.header().relations.lock().alive()?.belongings()?.remove(self.key)
    }

    /// The process that owns the belonging.
    pub fn owner(&self) -> Pid {
        self.owner.header().pid
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Kept(by {})", self.owner())
    }
}

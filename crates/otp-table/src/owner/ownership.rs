use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;

use otp_core::{Belonging, End, Kept, Label, Pid, Process};

use super::heir::Heir;
use crate::rows::Store;
use crate::table::{Ending, Shared};

/// Who has a table.
pub(crate) struct Ownership<S: Store> {
    pub(crate) owner: Pid,
    /// Counts the owners, so that the end of a former one is not taken for the end of this one.
    term: u64,
    /// The belonging of the owner, once it is attached.
    pub(crate) kept: Option<Kept>,
    pub(crate) heir: Option<Arc<dyn Heir<S>>>,
    pub(crate) name: Option<Label>,
    pub(crate) ended: Option<Ending>,
}

impl<S: Store> Ownership<S> {
    pub(crate) fn new(owner: Pid, name: Option<Label>) -> Ownership<S> {
        Ownership { owner, term: 0, kept: None, heir: None, name, ended: None }
    }
}

/// A table, as a belonging of its owner.
pub(crate) struct Owned<S: Store> {
    shared: Arc<Shared<S>>,
    term: u64,
}

impl<S: Store> Owned<S> {
    /// Attaches a new table to its owner.
    pub(crate) fn attach_to(shared: &Arc<Shared<S>>, owner: &Process) {
        let kept = owner.keep(Owned { shared: shared.clone(), term: 0 });
        keep(shared, 0, kept);
    }
}

impl<S: Store> Belonging for Owned<S> {
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        let Owned { shared, term } = *self;
        let ownership = shared.ownership();
        if ownership.term != term || ownership.ended.is_some() {
            return;
        }
        let heir = ownership.heir.clone();
        drop(ownership);
        let Some(heir) = heir else {
            shared.end_if(Ending::OwnerEnded(end.pid), |ownership| ownership.term == term);
            return;
        };
        // A panic of the heir's route, of its data or of its message: nobody could say what has become of the table.
        let inherited = catch_unwind(AssertUnwindSafe(|| {
            let found = heir.find().filter(|found| found.pid != end.pid && end.system.is_alive(found.pid));
            found.is_some_and(|found| {
                let passed = pass(&shared, Some(term), found.pid).is_some();
                if passed {
                    (found.tell)(&shared, end.pid);
                }
                passed
            })
        }));
        match inherited {
            Ok(true) => {}
            // Nothing happens if somebody else has the table by now.
            Ok(false) => {
                shared.end_if(Ending::OwnerEnded(end.pid), |ownership| ownership.term == term);
            }
            Err(panic) => {
                shared.end(Ending::OwnerEnded(end.pid));
                resume_unwind(panic);
            }
        }
    }
}

/// Makes a process the owner of a table, of whom it is not known whether it is alive; returns the former owner. `term` is the
/// one of the owner who passes it on. `None` if the table has ended, or has another owner.
pub(super) fn pass<S: Store>(shared: &Arc<Shared<S>>, term: Option<u64>, to: Pid) -> Option<Pid> {
    let mut ownership = shared.ownership();
    if ownership.ended.is_some() || term.is_some_and(|term| term != ownership.term) {
        return None;
    }
    let from = std::mem::replace(&mut ownership.owner, to);
    ownership.term += 1;
    let (term, former) = (ownership.term, ownership.kept.take());
    drop(ownership);
    if let Some(former) = former {
        drop(former.take_back());
    }
    // If the process has ended, this ends the table, or passes it on, before it returns.
    if let Some(kept) = shared.system.keep(to, Owned { shared: shared.clone(), term }) {
        keep(shared, term, kept);
    }
    Some(from)
}

/// Notes the belonging of an owner, unless the table has another one by now.
fn keep<S: Store>(shared: &Arc<Shared<S>>, term: u64, kept: Kept) {
    let mut ownership = shared.ownership();
    if ownership.term == term && ownership.ended.is_none() {
        ownership.kept = Some(kept);
        return;
    }
    drop(ownership);
    drop(kept.take_back());
}

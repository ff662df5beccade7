use super::cancel::CancelScope;
use crate::process::{Belonging, End, Process};

impl Process {
    /// Returns the scope of this process. It is cancelled when the process ends, with everything that was started in
    /// it.
    pub fn scope(&self) -> CancelScope {
        let fresh = CancelScope::new(self.system());
        let mut relations = self.inner().header().relations.lock();
        if let Some(alive) = relations.alive() {
            if let Some(OwnScope(scope)) = alive.owned() {
                return scope.clone();
            }
            alive.keep(Box::new(OwnScope(fresh.clone())));
            return fresh;
        }
        drop(relations);
        fresh.cancel();
        fresh
    }
}

/// The scope of a process, as one of its belongings.
struct OwnScope(CancelScope);

impl Belonging for OwnScope {
    fn owner_ended(self: Box<Self>, _: &End<'_>) {
        self.0.cancel();
    }
}

use super::cancel::CancelScope;
use crate::process::Process;

impl Process {
    /// The scope of this process: cancelled when the process ends, and with it everything that was started in it.
    pub fn scope(&self) -> CancelScope {
        let fresh = CancelScope::new(self.system());
        let mut relations = self.inner().header().relations.lock();
        if let Some(alive) = relations.alive() {
            return alive.rare().scope.get_or_insert(fresh).clone();
        }
        drop(relations);
        fresh.cancel();
        fresh
    }
}

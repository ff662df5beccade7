use super::{Name, NameError, WrongType};
use crate::label::Label;
use crate::process::{Pid, ProcessRef};
use crate::system::System;

impl System {
    /// Gives a name to a process. Of one whose pid is known, [`ProcessRef::of`] makes the reference.
    ///
    /// # Errors
    ///
    /// [`NameError`] if the name is taken, also by the same process, if the process has a name already, or if it has
    /// ended.
    pub fn register<M: Send + 'static>(&self, name: &Name<M>, process: &ProcessRef<M>) -> Result<(), NameError> {
        let (name, pid) = (name.label().clone(), process.pid());
        // A pid of another system may be somebody else's here.
        match self.table().find(pid).filter(|_| process.system() == self) {
            Some(process) => self.names().register(name, &process),
            None => Err(NameError::NoProc { name, pid }),
        }
    }

    /// Takes a name from whoever holds it.
    ///
    /// # Errors
    ///
    /// [`NameError::NotRegistered`] if nobody does.
    pub fn unregister<M>(&self, name: &Name<M>) -> Result<(), NameError> {
        self.names().unregister(name.label())
    }

    /// Who holds a name; never a process that has ended.
    ///
    /// # Errors
    ///
    /// [`WrongType`] if the holder does not receive `M`.
    pub fn whereis<M: Send + 'static>(&self, name: &Name<M>) -> Result<Option<ProcessRef<M>>, WrongType> {
        let Some(process) = self.names().find(name.label()) else { return Ok(None) };
        ProcessRef::typed(process, || Some(name.label().clone())).map(Some)
    }

    /// All names with their holders, sorted by name.
    pub fn registered(&self) -> Vec<(Label, Pid)> {
        self.names().all()
    }
}

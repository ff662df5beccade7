use super::{Name, NameError, WrongType};
use crate::label::Label;
use crate::process::{Pid, ProcessRef};
use crate::system::System;

impl System {
    /// Registers a process under a name. To register by pid, make the reference with [`ProcessRef::of`].
    ///
    /// # Errors
    ///
    /// [`NameError`] if the name is taken (by this or another process), if the process already has a name, or if it has
    /// ended.
    pub fn register<M: Send + 'static>(&self, name: &Name<M>, process: &ProcessRef<M>) -> Result<(), NameError> {
        let pid = process.pid();
        if process.system() != self || !pid.is_here() {
            return Err(NameError::NoProc { name: name.label().clone(), pid });
        }
        self.names().register(name.label(), &process.untyped())
    }

    /// Removes a name from its holder.
    ///
    /// # Errors
    ///
    /// [`NameError::NotRegistered`] if no process holds the name.
    pub fn unregister<M>(&self, name: &Name<M>) -> Result<(), NameError> {
        self.names().unregister(name.label())
    }

    /// Finds the process that holds a name. Never returns a process that has ended.
    ///
    /// # Errors
    ///
    /// [`WrongType`] if the holder does not receive `M`.
    pub fn whereis<M: Send + 'static>(&self, name: &Name<M>) -> Result<Option<ProcessRef<M>>, WrongType> {
        let Some(process) = self.names().find(name.label()) else { return Ok(None) };
        ProcessRef::typed(process, || Some(name.label().clone())).map(Some)
    }

    /// Lists all names with their holders, sorted by name.
    pub fn registered(&self) -> Vec<(Label, Pid)> {
        self.names().all()
    }

    /// Counts the registered names.
    pub fn name_count(&self) -> usize {
        self.names().len()
    }
}

use std::fmt;
use std::sync::{Mutex, PoisonError};

use otp_core::{ExitReason, Label, ProcessRef, Route, System, Target, WrongType};

use crate::remote::Remote;

/// Leads to a process of another node, by one that stands for it here, and passes on what it is sent. A new one takes its
/// place when it has ended, as one that stands for a server does with the server or the connection.
pub(crate) struct Elsewhere<M: Send + 'static> {
    system: System,
    to: Remote,
    stand_for: fn(&System, Remote) -> ProcessRef<M>,
    stands: Mutex<Option<ProcessRef<M>>>,
}

impl<M: Send + 'static> Elsewhere<M> {
    /// `stand_for` starts the process that stands for it.
    pub(crate) fn new(system: &System, to: Remote, stand_for: fn(&System, Remote) -> ProcessRef<M>) -> Elsewhere<M> {
        Elsewhere { system: system.clone(), to, stand_for, stands: Mutex::new(None) }
    }

    fn standing(&self) -> Option<ProcessRef<M>> {
        let stands = self.stands.lock().unwrap_or_else(PoisonError::into_inner);
        stands.clone().filter(ProcessRef::is_alive)
    }
}

impl<M: Send + 'static> Route<M> for Elsewhere<M> {
    fn find(&self) -> Result<Option<ProcessRef<M>>, WrongType> {
        if let Some(standing) = self.standing() {
            return Ok(Some(standing));
        }
        let new = (self.stand_for)(&self.system, self.to.clone());
        let mut stands = self.stands.lock().unwrap_or_else(PoisonError::into_inner);
        let other = stands.clone().filter(ProcessRef::is_alive);
        let old = if other.is_none() { stands.replace(new.clone()) } else { None };
        drop(stands);
        drop(old);
        Ok(Some(match other {
            Some(other) => {
                new.exit(ExitReason::Shutdown);
                other
            }
            None => new,
        }))
    }

    fn system(&self) -> &System {
        &self.system
    }

    fn label(&self) -> Label {
        self.to.to_string().into()
    }

    /// The process itself.
    fn target(&self) -> Target {
        (&self.to).into()
    }
}

impl<M: Send + 'static> Drop for Elsewhere<M> {
    fn drop(&mut self) {
        if let Some(standing) = self.standing() {
            standing.exit(ExitReason::Shutdown);
        }
    }
}

impl<M: Send + 'static> fmt::Debug for Elsewhere<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to, f)
    }
}

use std::fmt;
use std::sync::{Mutex, PoisonError};

use otp_core::{ExitReason, Label, ProcessRef, Route, System, Target, WrongType};
use otp_genserver::Envelope;

use super::forward::{Forward, stand_for};
use crate::remote::Remote;

/// Leads to a server of another node, by a process that stands for it here, and passes on what it is sent. A new one takes
/// its place when the server, or the connection, has ended.
pub(crate) struct Elsewhere<S: Forward> {
    system: System,
    to: Remote,
    stands: Mutex<Option<ProcessRef<Envelope<S>>>>,
}

impl<S: Forward> Elsewhere<S> {
    pub(crate) fn new(system: &System, to: Remote) -> Elsewhere<S> {
        Elsewhere { system: system.clone(), to, stands: Mutex::new(None) }
    }

    fn standing(&self) -> Option<ProcessRef<Envelope<S>>> {
        let stands = self.stands.lock().unwrap_or_else(PoisonError::into_inner);
        stands.clone().filter(ProcessRef::is_alive)
    }
}

impl<S: Forward> Route<Envelope<S>> for Elsewhere<S> {
    fn find(&self) -> Result<Option<ProcessRef<Envelope<S>>>, WrongType> {
        if let Some(standing) = self.standing() {
            return Ok(Some(standing));
        }
        let new = stand_for::<S>(&self.system, self.to.clone());
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

    /// The server itself.
    fn target(&self) -> Target {
        (&self.to).into()
    }
}

impl<S: Forward> Drop for Elsewhere<S> {
    fn drop(&mut self) {
        if let Some(standing) = self.standing() {
            standing.exit(ExitReason::Shutdown);
        }
    }
}

impl<S: Forward> fmt::Debug for Elsewhere<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to, f)
    }
}

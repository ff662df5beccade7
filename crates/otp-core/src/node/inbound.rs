use std::sync::Arc;

use super::stand_in::StandIn;
use crate::exit::ExitReason;
use crate::process::{self, MonitorRef, Party, Pid, Process, ProcessRef, Target};

/// The operations of the process on processes that run here.
impl StandIn {
    /// Links the process to one that runs here.
    ///
    /// # Errors
    ///
    /// The reason to send to the process through the link: `NoProc` if there is no such process here.
    pub fn link(&self, to: Pid) -> Result<(), ExitReason> {
        let to = self.here(to)?;
        if process::link(&*self.0, &*to) { Ok(()) } else { Err(ExitReason::NoProc) }
    }

    /// Removes the link to a process that runs here.
    pub fn unlink(&self, from: Pid) {
        process::unlink(&*self.0, from);
    }

    /// Makes the process monitor one that runs here, by pid or name. The peer gets exactly one
    /// [`Down`](super::Outbound::Down); at once, if there is no such process.
    pub fn monitor(&self, target: impl Into<Target>) -> MonitorRef {
        process::monitor(&self.0, target.into())
    }

    /// As [`monitor`](StandIn::monitor), with a reference of [`System::make_ref`](crate::System::make_ref): a peer that
    /// knows it before can tell which monitor a `Down` belongs to that comes at once.
    pub fn monitor_as(&self, monitor: MonitorRef, target: impl Into<Target>) {
        process::monitor_as(&self.0, monitor, target.into());
    }

    /// Removes a monitor of the process; false if it was no longer there.
    pub fn demonitor(&self, monitor: MonitorRef) -> bool {
        process::demonitor(&self.0, monitor)
    }

    /// Sends an exit signal from the process to one that runs here; see [`System::exit`](crate::System::exit).
    pub fn exit(&self, to: Pid, reason: ExitReason) {
        if let Ok(to) = self.here(to) {
            process::signal(&to, self.pid(), reason);
        }
    }

    /// Reports the end of the process to one that is linked to it, and removes the link; does nothing if there is none.
    /// Other ties stay: the process elsewhere tells each of its ties by itself, in order with what it has sent to them.
    pub fn end_link(&self, to: Pid, reason: ExitReason) {
        if let Ok(to) = self.here(to) {
            process::end_link(&*self.0, &to, reason);
        }
    }

    /// Reports the end of the process to one that has set this monitor on it, and removes the monitor; does nothing if
    /// there is none. As for [`end_link`](StandIn::end_link), other ties stay.
    pub fn end_monitor(&self, watcher: Pid, monitor: MonitorRef, reason: ExitReason) {
        process::fire_from(&*self.0, watcher, monitor, reason);
    }

    /// Returns whether nothing would be lost with this stand-in, of which no clone exists: the process has no links, no
    /// monitors, no belongings, and nothing waits for its end. A table of stand-ins may then forget it.
    pub fn is_unused(&self) -> bool {
        Arc::strong_count(&self.0) == 1 && self.0.ties().relations.lock().alive().is_none_or(|alive| alive.is_idle())
    }

    /// Ends the process: it has ended elsewhere, or can no longer be reached. Links, monitors, belongings and waiting
    /// futures are notified. Ending it a second time has no effect.
    pub fn end(&self, reason: ExitReason) {
        process::end_stand_in(self.0.ties(), reason);
    }

    /// Finds a process here. A stand-in is only tied to those, because both sides have to know of a tie.
    fn here(&self, pid: Pid) -> Result<Arc<dyn Party>, ExitReason> {
        if pid.is_here() { self.0.ties().system.party(pid) } else { Err(ExitReason::NoProc) }
    }
}

/// Makes the stand-in of a process here that was spawned with
/// [`SpawnOptions::stands_for`](crate::SpawnOptions::stands_for), for a process elsewhere. It ends like every process.
impl<M: Send + 'static> From<&ProcessRef<M>> for StandIn {
    fn from(process: &ProcessRef<M>) -> StandIn {
        StandIn(process.untyped())
    }
}

impl From<&Process> for StandIn {
    fn from(process: &Process) -> StandIn {
        StandIn(process.inner().clone())
    }
}

use std::sync::Arc;

use super::stand_in::StandIn;
use crate::exit::ExitReason;
use crate::process::{self, MonitorRef, Party, Pid, Process, ProcessRef, Target};

/// What the process does to those that run here.
impl StandIn {
    /// Links the process to one that runs here.
    ///
    /// # Errors
    ///
    /// The reason that the process is to be sent through the link: `NoProc` if there is no such process.
    pub fn link(&self, to: Pid) -> Result<(), ExitReason> {
        let to = self.here(to)?;
        if process::link(&self.0, &to) { Ok(()) } else { Err(ExitReason::NoProc) }
    }

    /// Removes the link to a process that runs here.
    pub fn unlink(&self, from: Pid) {
        process::unlink(&self.0, from);
    }

    /// Has the process monitor one that runs here, or whoever holds a name. Its peer is sent a
    /// [`Down`](super::Outbound::Down), once; at once, if there is no such process.
    pub fn monitor(&self, target: impl Into<Target>) -> MonitorRef {
        process::monitor(&self.0, target.into())
    }

    /// Takes a monitor of the process away; false if it was no longer there.
    pub fn demonitor(&self, monitor: MonitorRef) -> bool {
        process::demonitor(&self.0, monitor)
    }

    /// Sends an exit signal from the process to one that runs here; see [`System::exit`](crate::System::exit).
    pub fn exit(&self, to: Pid, reason: ExitReason) {
        if let Ok(to) = self.here(to) {
            process::signal(&to, self.pid(), reason);
        }
    }

    /// The process has ended, or can no longer be reached. Links, monitors, belongings and waiting futures hear of it;
    /// a second end has no effect.
    pub fn end(&self, reason: ExitReason) {
        process::end_stand_in(self.0.ties(), reason);
    }

    /// A process here. A stand-in is tied to those only, since it takes two to know of a tie.
    fn here(&self, pid: Pid) -> Result<Arc<dyn Party>, ExitReason> {
        if pid.is_here() { self.0.ties().system.party(pid) } else { Err(ExitReason::NoProc) }
    }
}

/// A process here that stands for one elsewhere, and has been spawned with
/// [`SpawnOptions::stands_for`](crate::SpawnOptions::stands_for) its pid. It is ended as every process is.
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

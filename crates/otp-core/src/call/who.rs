//! Finds out which process is called.

use super::callee::Callee;
use crate::info::ProcessInfo;
use crate::process::{Process, Target};
use crate::system::System;

impl Callee {
    /// Describes the process that a target refers to now; the pid is `None` if no process holds the name.
    pub fn of(system: &System, target: impl Into<Target>) -> Callee {
        let target = target.into();
        let process = system.find(&target);
        let pid = process.as_ref().map(|process| process.header().pid);
        match target {
            Target::Pid(pid) => {
                let label = process.and_then(|process| system.label_of(process.header()));
                Callee { label, pid: Some(pid) }
            }
            Target::Name(label) | Target::Route { label, .. } => Callee { label: Some(label), pid },
        }
    }
}

impl From<&ProcessInfo> for Callee {
    fn from(info: &ProcessInfo) -> Callee {
        Callee::new(info.label.clone(), Some(info.pid))
    }
}

impl From<&Process> for Callee {
    fn from(process: &Process) -> Callee {
        let header = process.inner().header();
        Callee::new(header.system.label_of(header), Some(header.pid))
    }
}

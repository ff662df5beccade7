use std::collections::BTreeMap;

use futures::FutureExt;
use otp::{Exited, Pid, Status, System};

/// The processes that have not come to their end, with the futures that tell of it.
///
/// Such a future is ready only when links and monitors have been told, so that an end under way is not taken for
/// quiet.
#[derive(Default)]
pub(crate) struct Live {
    processes: BTreeMap<Pid, Exited>,
}

/// What a look at a world found in which every process waits.
///
/// Two equal looks prove that between them there was a moment at which all processes waited at once: none ran from
/// one look to the other, and each waited at both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Quiet {
    /// Who is there, and how often it has run.
    pub(crate) runs: Vec<(Pid, u32)>,
    /// How many events have been recorded.
    pub(crate) events: usize,
    /// How many timers are running that send messages.
    pub(crate) timers: usize,
}

impl Live {
    pub(crate) fn add(&mut self, pid: Pid, exited: Exited) {
        self.processes.insert(pid, exited);
    }

    /// How often each process has run; `None` if one is running, is about to, or is ending.
    pub(crate) fn quiet(&mut self, system: &System) -> Option<Vec<(Pid, u32)>> {
        self.processes.retain(|_, exited| exited.now_or_never().is_none());
        let waiting = |pid: &Pid| match system.info(*pid) {
            Some(info) if info.status == Status::Waiting => Some((*pid, info.runs)),
            _ => None,
        };
        self.processes.keys().map(waiting).collect()
    }
}

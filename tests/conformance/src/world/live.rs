use std::collections::BTreeMap;

use futures::FutureExt;
use otp::process::{Exited, ProcessInfo, Status};
use otp::{Pid, System};

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
    /// Whether somebody waits in the middle of something: in a callback, or in `init`.
    pub(crate) pausing: bool,
}

impl Live {
    pub(crate) fn add(&mut self, pid: Pid, exited: Exited) {
        self.processes.insert(pid, exited);
    }

    /// What is known of each process; `None` if one is running, is about to, or is ending.
    pub(crate) fn waiting(&mut self, system: &System) -> Option<Vec<ProcessInfo>> {
        self.processes.retain(|_, exited| exited.now_or_never().is_none());
        let waiting = |pid: &Pid| system.info(*pid).filter(|info| info.status == Status::Waiting);
        self.processes.keys().map(waiting).collect()
    }
}

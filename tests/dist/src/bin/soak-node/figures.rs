use std::fmt;

use otp::dist::Cluster;
use otp::etf::Term;
use otp::registry::{Groups, GroupsName};

/// What the nodes of this program hold, and what may be left over.
#[derive(Default, PartialEq, Eq)]
pub(crate) struct Figures(Vec<OfNode>);

#[derive(PartialEq, Eq)]
struct OfNode {
    connected: usize,
    processes: usize,
    names: usize,
    groups: usize,
    ties: usize,
    calls: usize,
    queue: usize,
}

impl Figures {
    pub(crate) fn of(clusters: &[Cluster], scope: &GroupsName<String, Term>) -> Figures {
        let of = |cluster: &Cluster| {
            let (system, info) = (cluster.system(), cluster.info());
            OfNode {
                connected: info.len(),
                processes: system.process_count(),
                names: system.name_count(),
                groups: Groups::named(system, scope.clone()).groups().map_or(0, |groups| groups.len()),
                ties: info.iter().map(|of| of.ties).sum(),
                calls: info.iter().map(|of| of.calls).sum(),
                queue: info.iter().map(|of| of.queue).sum(),
            }
        };
        Figures(clusters.iter().map(of).collect())
    }

    pub(crate) fn is_connected_to(&self, others: usize) -> bool {
        self.0.iter().all(|of| of.connected == others)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sum = |of: fn(&OfNode) -> usize| self.0.iter().map(of).sum::<usize>();
        let (processes, names, groups) = (sum(|of| of.processes), sum(|of| of.names), sum(|of| of.groups));
        let (ties, calls, queue) = (sum(|of| of.ties), sum(|of| of.calls), sum(|of| of.queue));
        write!(
            f,
            "{processes} processes, {names} names, {groups} groups, {ties} ties, {calls} calls, {queue} bytes to be written"
        )
    }
}

/// The memory that the program has, in MiB.
pub(crate) fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = pages.split(' ').nth(1).and_then(|resident| resident.parse::<usize>().ok());
    // They have 4 KiB.
    pages.unwrap_or(0) / 256
}

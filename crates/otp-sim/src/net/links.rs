use std::collections::BTreeMap;

use super::hosts::HostId;

/// The failures of links between two hosts, by direction. A link within a host never fails.
#[derive(Default)]
pub(crate) struct Links {
    links: BTreeMap<(HostId, HostId), Link>,
}

#[derive(Default)]
struct Link {
    cut: Option<Cut>,
    /// The additional latency, in nanoseconds.
    slower: u64,
}

/// How long a link is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cut {
    /// Until a test heals it.
    ByHand,
    /// Until this time.
    Until(u64),
}

impl Links {
    pub(super) fn is_cut(&self, from: HostId, to: HostId) -> bool {
        self.cut(from, to).is_some()
    }

    pub(super) fn cut(&self, from: HostId, to: HostId) -> Option<Cut> {
        self.links.get(&(from, to))?.cut
    }

    pub(super) fn set_cut(&mut self, from: HostId, to: HostId, cut: Option<Cut>) {
        self.links.entry((from, to)).or_default().cut = cut;
    }

    pub(super) fn slower(&self, from: HostId, to: HostId) -> u64 {
        self.links.get(&(from, to)).map_or(0, |link| link.slower)
    }

    pub(super) fn set_slower(&mut self, from: HostId, to: HostId, nanos: u64) {
        self.links.entry((from, to)).or_default().slower = nanos;
    }

    /// Lists the links that are cut.
    pub(super) fn all_cut(&self) -> Vec<(HostId, HostId)> {
        self.links.iter().filter(|(_, link)| link.cut.is_some()).map(|(link, _)| *link).collect()
    }
}

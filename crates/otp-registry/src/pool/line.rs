use std::collections::BTreeMap;

use otp_core::Ref;

use super::message::Reply;
use super::options::Worker;

/// The borrowers that wait, in the order in which they came. One that leaves frees its place, wherever it stands.
pub(super) struct Line<W: Worker> {
    places: BTreeMap<u64, (Ref, Reply<W>)>,
    next: u64,
}

impl<W: Worker> Line<W> {
    pub(super) fn new() -> Line<W> {
        Line { places: BTreeMap::new(), next: 0 }
    }

    /// Adds a borrower; returns its place.
    pub(super) fn join(&mut self, ticket: Ref, from: Reply<W>) -> u64 {
        let place = self.next;
        self.next += 1;
        self.places.insert(place, (ticket, from));
        place
    }

    pub(super) fn leave(&mut self, place: u64) {
        self.places.remove(&place);
    }

    /// Removes the borrower that has waited longest.
    pub(super) fn next(&mut self) -> Option<(Ref, Reply<W>)> {
        self.places.pop_first().map(|(_, borrower)| borrower)
    }

    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

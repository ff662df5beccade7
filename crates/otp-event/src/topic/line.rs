use std::collections::VecDeque;
use std::task::Waker;

/// Publishers that wait for room, first come, first served.
#[derive(Default)]
pub(super) struct Line {
    count: u64,
    /// One that has been woken has no waker, until it is polled.
    waiting: VecDeque<(u64, Option<Waker>)>,
}

impl Line {
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether this one is next: the first in the line, or nobody waits.
    pub(super) fn is_next(&self, ticket: Option<u64>) -> bool {
        self.waiting.front().is_none_or(|(first, _)| Some(*first) == ticket)
    }

    /// Takes a place, or keeps it with another waker; returns the ticket, and the waker that was there.
    pub(super) fn wait(&mut self, ticket: Option<u64>, waker: Waker) -> (u64, Option<Waker>) {
        let place = self.waiting.iter_mut().find(|(its, _)| Some(*its) == ticket);
        if let Some((ticket, its)) = place {
            return (*ticket, its.replace(waker));
        }
        self.count += 1;
        self.waiting.push_back((self.count, Some(waker)));
        (self.count, None)
    }

    /// Gives a place up.
    pub(super) fn leave(&mut self, ticket: u64) -> Option<Waker> {
        let place = self.waiting.iter().position(|(its, _)| *its == ticket)?;
        self.waiting.remove(place)?.1
    }

    /// The waker of the first one, to be told of room.
    pub(super) fn take_first(&mut self) -> Option<Waker> {
        self.waiting.front_mut()?.1.take()
    }

    pub(super) fn take_all(&mut self) -> Vec<Waker> {
        self.waiting.drain(..).filter_map(|(_, waker)| waker).collect()
    }
}

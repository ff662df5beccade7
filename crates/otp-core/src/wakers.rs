use std::task::Waker;

use slab::Slab;

/// The wakers of those who wait for the same thing, by their places. It lies under a lock, and calls no code of a waker: what
/// it gives out is woken or dropped without the lock.
#[derive(Default)]
pub(crate) struct Wakers(Slab<Option<Waker>>);

impl Wakers {
    /// Whether the one who waits at this place will be woken by this waker.
    pub(crate) fn wakes(&self, place: Option<usize>, waker: &Waker) -> bool {
        let kept = place.and_then(|place| self.0.get(place)?.as_ref());
        kept.is_some_and(|kept| kept.will_wake(waker))
    }

    /// Keeps a waker at a place, a new one if there is none; gives out the one that was there.
    pub(crate) fn put(&mut self, place: &mut Option<usize>, waker: Waker) -> Option<Waker> {
        match *place {
            Some(place) => self.0.get_mut(place)?.replace(waker),
            None => {
                *place = Some(self.0.insert(Some(waker)));
                None
            }
        }
    }

    /// Gives a place up.
    pub(crate) fn remove(&mut self, place: usize) -> Option<Waker> {
        self.0.try_remove(place)?
    }

    /// All of them; the places stay.
    pub(crate) fn take_all(&mut self) -> Vec<Waker> {
        self.0.iter_mut().filter_map(|(_, waker)| waker.take()).collect()
    }
}

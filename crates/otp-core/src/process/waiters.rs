use slab::Slab;

use super::header::Waiter;
use crate::exit::{ExitReason, contain};

/// Callers that wait for an answer or for the end, by key. Most processes have one at a time, which needs no heap.
pub(crate) enum Waiters {
    /// Its key is [`ONLY`].
    One(Waiter),
    Many(Option<Box<Slab<Waiter>>>),
}

/// The key of the only waiter: the first one that a slab gives.
const ONLY: usize = 0;

impl Waiters {
    const NONE: Waiters = Waiters::Many(None);

    pub(crate) fn insert(&mut self, waiter: Waiter) -> usize {
        match std::mem::take(self) {
            Waiters::Many(None) => {
                *self = Waiters::One(waiter);
                ONLY
            }
            Waiters::One(first) => {
                let mut all = Box::new(Slab::with_capacity(2));
                all.insert(first);
                let key = all.insert(waiter);
                *self = Waiters::Many(Some(all));
                key
            }
            Waiters::Many(Some(mut all)) => {
                let key = all.insert(waiter);
                *self = Waiters::Many(Some(all));
                key
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        matches!(self, Waiters::Many(all) if all.as_ref().is_none_or(|all| all.is_empty()))
    }

    pub(crate) fn find(&self, key: usize) -> Option<&Waiter> {
        match self {
            Waiters::One(waiter) => (key == ONLY).then_some(waiter),
            Waiters::Many(all) => all.as_ref()?.get(key),
        }
    }

    pub(crate) fn remove(&mut self, key: usize) -> Option<Waiter> {
        match self {
            Waiters::One(_) if key != ONLY => None,
            Waiters::One(_) => match std::mem::take(self) {
                Waiters::One(waiter) => Some(waiter),
                Waiters::Many(_) => None,
            },
            Waiters::Many(all) => all.as_mut()?.try_remove(key),
        }
    }

    pub(crate) fn tell(self, reason: &ExitReason) {
        let tell = |waiter: Waiter| {
            // What holds an answer that nobody took drops it: a value of a user's. The panic hook has told of a panic.
            drop(contain(|| {
                waiter.exited(reason);
                drop(waiter);
            }));
        };
        match self {
            Waiters::One(waiter) => tell(waiter),
            Waiters::Many(all) => all.into_iter().flat_map(|all| *all).for_each(|(_, waiter)| tell(waiter)),
        }
    }
}

impl Default for Waiters {
    fn default() -> Waiters {
        Waiters::NONE
    }
}

#[cfg(all(test, not(otp_loom)))]
mod tests {
    use std::convert::Infallible;

    use super::*;
    use crate::cell::Caller;

    type Waiting = Caller<Infallible, ExitReason>;

    #[test]
    fn a_waiter_keeps_its_key_whoever_comes_and_goes() {
        let callers = [(); 3].map(|()| Waiting::without_token());
        let mut waiters = Waiters::default();
        assert!(waiters.is_empty());
        let first = waiters.insert(callers[0].waiter());
        assert!(waiters.find(first + 1).is_none() && waiters.remove(first + 1).is_none());
        let second = waiters.insert(callers[1].waiter());
        assert!(waiters.remove(first).is_some() && waiters.find(first).is_none());
        callers[1].exited(&ExitReason::Normal);
        assert!(!waiters.find(second).expect("it is there").is_open());
        let third = waiters.insert(callers[2].waiter());
        assert!(waiters.find(third).expect("it is there").is_open() && third != second);
        assert!(waiters.remove(second).is_some() && waiters.remove(third).is_some() && waiters.is_empty());
    }

    #[test]
    fn the_only_waiter_makes_room_for_another_one() {
        let callers = [(); 2].map(|()| Waiting::without_token());
        let mut waiters = Waiters::default();
        for caller in callers {
            let key = waiters.insert(caller.waiter());
            assert!(waiters.remove(key).is_some() && waiters.is_empty());
        }
    }
}

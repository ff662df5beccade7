use super::pace::Pace;
use crate::sync::atomic::{AtomicUsize, Ordering};

/// How fast processes of each type are. A new process has shown nothing itself, so that what is measured are the others of
/// its type.
///
/// A table without locks, which threads only read once the types have proved themselves. A type that finds no place is
/// never trusted.
pub(crate) struct Paces(Box<[Place]>);

#[derive(Default)]
struct Place {
    /// The address of the label's function of the type; zero in a place that is free.
    whose: AtomicUsize,
    paces: OfType,
}

/// How fast processes of one type are.
#[derive(Default)]
pub(super) struct OfType {
    /// When they begin, and when they end.
    pub(super) lives: Pace,
    /// In what they receive as long as they have not proved themselves.
    pub(super) news: Pace,
}

/// More than a program has types of processes, mostly. One in the models, where each atomic value costs time.
const PLACES: usize = if cfg!(otp_loom) { 1 } else { 256 };

/// How many places a type may have.
const NEAR: usize = 8;

impl Paces {
    /// The paces of a type, which is told by its label's function. Two types with one function, as the compiler may make it
    /// of two that are equal, are measured together.
    pub(super) fn of(&self, label: fn() -> &'static str) -> Option<&OfType> {
        let address = (label as *const ()).addr();
        // Functions begin at multiples of sixteen.
        let first = address / 16;
        let mut near = (first..first + NEAR).map(|number| &self.0[number % PLACES]);
        near.find(|place| place.is_of(address)).map(|place| &place.paces)
    }
}

impl Place {
    /// Whether this is the place of a type; it is from now on, if it is free.
    #[inline]
    fn is_of(&self, address: usize) -> bool {
        match self.whose.load(Ordering::Relaxed) {
            0 => match self.whose.compare_exchange(0, address, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => true,
                Err(taken) => taken == address,
            },
            whose => whose == address,
        }
    }
}

impl Default for Paces {
    fn default() -> Paces {
        Paces((0..PLACES).map(|_| Place::default()).collect())
    }
}

#[cfg(all(test, not(otp_loom)))]
mod tests {
    use std::time::Duration;

    use super::*;

    fn first() -> &'static str {
        "First"
    }

    fn second() -> &'static str {
        "Second"
    }

    #[test]
    fn types_are_measured_apart() {
        let paces = Paces::default();
        for _ in 0..100 {
            paces.of(first).expect("there is room").lives.ran(Duration::ZERO);
        }
        assert!(paces.of(first).expect("it has a place").lives.is_trusted());
        assert!(!paces.of(second).expect("there is room").lives.is_trusted());
    }

    #[test]
    fn a_type_without_a_place_has_no_pace() {
        let paces = Paces::default();
        paces.0.iter().for_each(|place| place.whose.store(1, Ordering::Relaxed));
        assert!(paces.of(first).is_none());
    }
}

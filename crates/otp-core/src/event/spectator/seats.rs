use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwap;

use super::Spectator;
use crate::event::log;
use crate::exit::contain;
use crate::sync::Mutex;
use crate::sync::thread_local;

/// The spectators of a system.
#[derive(Default)]
pub(crate) struct Seats {
    /// Whether there is any: looked at for each call, and each process that is started.
    taken: AtomicBool,
    seats: ArcSwap<Vec<Seat>>,
    changing: Mutex<u64>,
}

type Seat = (u64, Arc<dyn Spectator>);

thread_local! {
    /// The thread runs code of a spectator, of which nothing is shown.
    static WATCHING: Cell<bool> = const { Cell::new(false) };
}

impl Seats {
    #[inline]
    pub(crate) fn are_taken(&self) -> bool {
        self.taken.load(Ordering::Relaxed)
    }

    /// Seats a spectator, and returns its seat; calls `begin` if it is the first.
    pub(super) fn add(&self, spectator: Arc<dyn Spectator>, begin: impl FnOnce()) -> u64 {
        let mut next = self.changing.lock();
        *next += 1;
        let mut seats = Vec::clone(&self.seats.load());
        let first = seats.is_empty();
        seats.push((*next, spectator));
        self.seats.store(Arc::new(seats));
        self.taken.store(true, Ordering::Release);
        if first {
            begin();
        }
        *next
    }

    /// Removes a spectator; calls `end` if none is left.
    pub(super) fn remove(&self, seat: u64, end: impl FnOnce()) {
        let changing = self.changing.lock();
        let mut seats = Vec::clone(&self.seats.load());
        seats.retain(|(other, _)| *other != seat);
        let is_empty = seats.is_empty();
        self.taken.store(!is_empty, Ordering::Release);
        let before = self.seats.swap(Arc::new(seats));
        if is_empty {
            end();
        }
        drop(changing);
        shown(|| drop(before));
    }

    /// Shows each spectator something, until `show` returns a value; unless a spectator is the cause of it.
    pub(crate) fn each<T>(&self, mut show: impl FnMut(&dyn Spectator) -> Option<T>) -> Option<T> {
        if WATCHING.with(Cell::get) {
            return None;
        }
        let seats = self.seats.load();
        let output = seats.iter().find_map(|(_, spectator)| shown(|| show(&**spectator)).flatten());
        // One that was removed meanwhile is dropped here.
        shown(|| drop(seats));
        output
    }

    /// Shows all spectators something.
    pub(crate) fn all(&self, mut show: impl FnMut(&dyn Spectator)) {
        self.each(|spectator| {
            show(spectator);
            None::<()>
        });
    }
}

/// Runs code of a spectator, or of a subscriber of `tracing`: a panic in it must not affect what it sees.
pub(super) fn shown<T>(code: impl FnOnce() -> T) -> Option<T> {
    let before = WATCHING.with(|watching| watching.replace(true));
    let output = contain(code);
    WATCHING.with(|watching| watching.set(before));
    output.map_err(|crash| log::spectator_panicked(&crash)).ok()
}

//! What a system knows of its applications.

mod book;
mod waits;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use otp_core::System;

pub(crate) use book::{Active, Book, Entry, State};
pub(crate) use waits::Waits;

use crate::watchers::Watchers;

/// The applications of a system, in its slot.
#[derive(Default)]
pub(crate) struct Controller {
    book: Mutex<Book>,
    /// Those who wait for a halt.
    pub(crate) watchers: Arc<Watchers>,
}

impl Controller {
    pub(crate) fn of(system: &System) -> Arc<Controller> {
        system.slot()
    }

    /// No code of users runs under the lock: what is taken out of the book is dropped, told and called after it.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

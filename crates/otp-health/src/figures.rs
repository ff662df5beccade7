use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use otp_core::System;

/// The numbers of a [`Watchdog`](crate::Watchdog), for metrics: as of its last look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Figures {
    /// How many handlers run for longer than the limit now.
    pub stuck: usize,
    /// How many of them hold a thread.
    pub holding: usize,
    /// The longest time that one of them has run.
    pub longest: Duration,
    /// How many have been reported in all, each once.
    pub total: u64,
}

#[derive(Default)]
pub(crate) struct Board(Mutex<Figures>);

impl Board {
    pub(crate) fn set(&self, figures: Figures) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = figures;
    }
}

/// Returns the numbers of the watchdog of a system; zeros if there is none.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// let watchdog = otp::health::Watchdog::new().start(&system);
/// assert_eq!(otp::health::figures(&system).stuck, 0);
/// # }).unwrap();
/// ```
pub fn figures(system: &System) -> Figures {
    *system.slot::<Board>().0.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Functions for code inside a simulated run. Outside a run they do nothing, so that the same code runs on other
//! backends.

use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use otp_core::runtime::OsSignal;

use crate::net::SimNet;
use crate::shared::Shared;

/// Returns the seed of the current run; `None` outside a run.
pub fn seed() -> Option<u64> {
    Shared::current().map(|shared| shared.lock().seed)
}

/// Switches fault injection off or on again: off while a test sets things up or checks the outcome.
///
/// ```
/// use std::time::Duration;
///
/// use otp::ExitReason;
/// use otp::sim::{Config, Faults, set_faults};
///
/// let config = Config::new().faults(Faults::none().kill(10)).seeds(50);
/// otp::sim::check(config, async |system| {
///     set_faults(false);
///     let process = system.spawn(async |mut ctx: otp::ProcessContext<()>| {
///         ctx.receive_timeout(Duration::from_secs(1)).await;
///     });
///     assert_eq!(process.exited().await, ExitReason::Normal, "nobody kills it");
/// });
/// ```
pub fn set_faults(on: bool) {
    if let Some(shared) = Shared::current() {
        shared.lock().injector.switch(on);
    }
}

/// Returns the network of the current run; `None` outside a run.
pub fn net() -> Option<SimNet> {
    Shared::current().map(SimNet::new)
}

/// Sends a signal of the operating system to the program of the current run: to all who [listen](otp_core::System::signals).
/// False if nobody does, where the operating system would end the program; and outside a run.
///
/// ```
/// use otp::runtime::OsSignal;
///
/// otp::sim::run(7, async |system| {
///     assert!(!otp::sim::raise(OsSignal::Terminate), "nobody listens");
///     let mut signals = system.signals().unwrap();
///     assert!(otp::sim::raise(OsSignal::Terminate));
///     assert_eq!(signals.next().await, OsSignal::Terminate);
/// });
/// ```
pub fn raise(signal: OsSignal) -> bool {
    let Some(shared) = Shared::current() else { return false };
    let mut listeners = std::mem::take(&mut *shared.listeners.lock().unwrap_or_else(PoisonError::into_inner));
    // Not under the lock: it wakes them.
    listeners.retain(|listener| listener.unbounded_send(signal).is_ok());
    let is_heard = !listeners.is_empty();
    shared.listeners.lock().unwrap_or_else(PoisonError::into_inner).extend(listeners);
    is_heard
}

/// Writes a line into the trace of the current run.
pub fn note(text: impl Into<String>) {
    if let Some(shared) = Shared::current()
        && shared.recording.load(Ordering::Relaxed)
    {
        let text = text.into();
        if let Some(recording) = &mut shared.lock().recording {
            recording.note(text);
        }
    }
}

/// Checks `invariant` after every step of the current run, from now on; the run fails with the text of its error.
///
/// A step is one poll of one task: between two steps no task is in the middle of its code.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicI64, Ordering};
///
/// otp::sim::run(7, async |_| {
///     let balance = Arc::new(AtomicI64::new(10));
///     let watched = balance.clone();
///     otp::sim::always(move || match watched.load(Ordering::Relaxed) {
///         debts if debts < 0 => Err(format!("the balance is {debts}")),
///         _ => Ok(()),
///     });
///     balance.fetch_sub(10, Ordering::Relaxed);
/// });
/// ```
pub fn always(invariant: impl FnMut() -> Result<(), String> + Send + 'static) {
    if let Some(shared) = Shared::current() {
        shared.invariants.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(invariant));
        shared.has_invariants.store(true, Ordering::Relaxed);
    }
}

use std::io;

use async_signal::{Signal, Signals};
use futures::StreamExt;
use otp_core::runtime::{OsSignal, OsSignals};

/// Listens to signals.
pub(crate) fn listen() -> io::Result<OsSignals> {
    let signals = Signals::new([Signal::Term, Signal::Int, Signal::Hup])?;
    Ok(OsSignals::new(signals.filter_map(async |signal| match signal {
        Ok(Signal::Term) => Some(OsSignal::Terminate),
        Ok(Signal::Int) => Some(OsSignal::Interrupt),
        Ok(Signal::Hup) => Some(OsSignal::Hangup),
        // No other was asked for; and an error of the socket behind it is none of a signal.
        _ => None,
    })))
}

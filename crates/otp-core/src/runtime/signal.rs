use std::fmt;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::{Stream, StreamExt};

use crate::process::may_block;
use crate::system::System;

/// A signal of the operating system that a service answers to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OsSignal {
    /// The program is to end: SIGTERM, which service managers send.
    Terminate,
    /// The program is to end: SIGINT, as by Ctrl-C.
    Interrupt,
    /// The program is to read its configuration again: SIGHUP.
    Hangup,
}

impl fmt::Display for OsSignal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            OsSignal::Terminate => "SIGTERM",
            OsSignal::Interrupt => "SIGINT",
            OsSignal::Hangup => "SIGHUP",
        })
    }
}

/// The signals of the operating system that come from now on, as a stream that never ends; returned by
/// [`System::signals`].
///
/// Several signals of one kind that come before they are read may be told as one, as the operating system does it.
#[must_use = "streams do nothing unless they are polled"]
pub struct OsSignals(Pin<Box<dyn Stream<Item = OsSignal> + Send>>);

impl OsSignals {
    /// Makes it of a backend's stream.
    pub fn new(signals: impl Stream<Item = OsSignal> + Send + 'static) -> OsSignals {
        OsSignals(Box::pin(signals.chain(futures::stream::pending())))
    }

    /// Waits for the next signal.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no signal is lost.
    pub async fn next(&mut self) -> OsSignal {
        match StreamExt::next(self).await {
            Some(signal) => signal,
            None => std::future::pending().await,
        }
    }
}

impl Stream for OsSignals {
    type Item = OsSignal;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<OsSignal>> {
        may_block(self.0.as_mut().poll_next(cx), cx)
    }
}

impl fmt::Debug for OsSignals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OsSignals")
    }
}

impl System {
    /// Listens to the signals of the operating system: SIGTERM, SIGINT, SIGHUP. From then on, and until the program ends,
    /// they no longer end the program by themselves, also when the stream is dropped.
    ///
    /// All listeners get all signals, also those of other systems in the program. In a simulation, the test sends them with
    /// `otp::sim::raise`.
    ///
    /// # Errors
    ///
    /// [`SignalsError`] if the runtime has no signals, or the operating system refuses.
    pub fn signals(&self) -> Result<OsSignals, SignalsError> {
        self.runtime().signals()
    }
}

/// The error of listening to signals.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignalsError {
    /// The runtime has no signals.
    #[error("the runtime {runtime} has no signals: enable the feature `signal` of its backend, if it has one")]
    NoSignals {
        /// The name of the runtime.
        runtime: &'static str,
    },
    /// The operating system has refused.
    #[error("cannot listen to signals")]
    Failed(#[from] io::Error),
}

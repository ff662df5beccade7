//! SIGINT, SIGTERM and SIGHUP, on any executor.

use std::process;
use std::sync::Mutex;

use futures::channel::oneshot;

/// Requests to stop, from outside the program.
#[derive(Debug)]
#[must_use = "it is what waits for a signal"]
pub struct Signals {
    first: oneshot::Receiver<()>,
}

impl Signals {
    /// Exit code after a second signal, as a shell would have it after Ctrl-C.
    const IMPATIENT: i32 = 130;

    /// From now on the first signal is a request to stop; a second one ends the program at once.
    ///
    /// Signals are waited for by a thread of their own, so that a second one is heard whatever the executor is doing.
    ///
    /// # Errors
    ///
    /// If the operating system refuses, or the program has called this before.
    pub fn listen() -> Result<Self, ctrlc::Error> {
        let (sender, first) = oneshot::channel();
        let sender = Mutex::new(Some(sender));
        ctrlc::set_handler(move || match sender.lock().ok().and_then(|mut sender| sender.take()) {
            // Fails when nobody waits any more: the program is ending.
            Some(sender) => drop(sender.send(())),
            None => process::exit(Self::IMPATIENT),
        })?;
        Ok(Self { first })
    }

    /// Waits for the first signal.
    pub async fn received(self) {
        if self.first.await.is_err() {
            // The handler is gone without having been called: no signal will come.
            futures::future::pending().await
        }
    }
}

//! Questions to processes: to each one at a time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures::channel::oneshot;
use otp_core::scope::CancelScope;
use otp_core::{Pid, System};

/// Whose turn it is to ask a process. A process that is busy, or stuck, has one question in its mailbox, however many
/// browsers look at it, and however often.
pub(crate) struct Turns {
    system: System,
    /// Each is held by the question that was not answered yet.
    held: Mutex<BTreeMap<Pid, Turn>>,
    /// Runs the questions, which outlive the requests that gave up on them.
    questions: CancelScope,
}

type Turn = Arc<futures::lock::Mutex<()>>;

impl Turns {
    pub(crate) fn new(system: &System) -> Turns {
        Turns { system: system.clone(), held: Mutex::default(), questions: CancelScope::new(system) }
    }

    /// Asks a process once the questions before this one are answered; `None` if that, and its answer, take too long. A
    /// question that was asked stays until it is answered, and others wait for it.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        pid: Pid,
        patience: Duration,
        question: impl Future<Output = T> + Send + 'static,
    ) -> Option<T> {
        let asked = async {
            let turn = self.turn(pid).lock_owned().await;
            let (tell, told) = oneshot::channel();
            // A task, and not a process, which would be shown.
            self.questions.spawn(async move {
                // It fails when nobody waits any more.
                let _ = tell.send(question.await);
                drop(turn);
            });
            told.await.ok()
        };
        self.system.timeout(patience, asked).await.ok().flatten()
    }

    fn turn(&self, pid: Pid) -> Turn {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|_, turn| Arc::strong_count(turn) > 1);
        held.entry(pid).or_default().clone()
    }
}

impl Drop for Turns {
    fn drop(&mut self) {
        self.questions.cancel();
    }
}

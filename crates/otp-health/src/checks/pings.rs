use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use futures::future::{BoxFuture, Shared};
use otp_core::{CallError, Pid, System};

use crate::ping::ping;

/// The pings of a check: a process that is stuck has one in its mailbox, however often it is to be asked.
#[derive(Clone, Default)]
pub(super) struct Pings(Arc<Mutex<Option<Last>>>);

/// The last ping. It stays when the run that sent it has given up.
#[derive(Clone)]
struct Last {
    system: System,
    to: Pid,
    answer: Answer,
}

type Answer = Shared<BoxFuture<'static, Result<(), String>>>;

impl Pings {
    /// Asks a process, once it has answered what it was asked before. The time limit is that of the check.
    pub(super) async fn ping(&self, system: &System, pid: Pid) -> Result<(), String> {
        let last = self.last().clone().filter(|last| last.to == pid && last.system == *system);
        if let Some(last) = last {
            last.answer.await?;
        }
        let answer = answer(system, pid).boxed().shared();
        let before = self.last().replace(Last { system: system.clone(), to: pid, answer: answer.clone() });
        drop(before);
        answer.await
    }

    fn last(&self) -> MutexGuard<'_, Option<Last>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answer(system: &System, pid: Pid) -> impl Future<Output = Result<(), String>> + Send + use<> {
    let asked = ping(system, pid).no_timeout();
    async move {
        match asked.await {
            Ok(_) => Ok(()),
            Err(CallError::Exited { .. }) => Err("it has ended".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }
}

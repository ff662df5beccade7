use std::convert::Infallible;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::cell::{Answer, Caller};
use crate::exit::ExitReason;
use crate::process::{Header, Pid};
use crate::system::System;

/// The future of [`System::exited`] and [`ProcessRef::exited`](crate::ProcessRef::exited): ready with a process's
/// exit reason once it has ended.
///
/// It counts from when it was made, polled or not, so that no exit is missed. It is ready after the links and monitors of
/// the process have fired.
#[must_use = "futures do nothing unless awaited"]
pub struct Exited {
    caller: Caller<Infallible, ExitReason>,
    watching: Option<(System, Pid, usize)>,
}

impl Exited {
    pub(crate) fn of(header: &Header) -> Exited {
        let caller = Caller::without_token();
        match header.watch(caller.waiter()) {
            Ok(key) => Exited { caller, watching: Some((header.system.clone(), header.pid, key)) },
            Err(reason) => Exited::already(&reason),
        }
    }

    pub(crate) fn already(reason: &ExitReason) -> Exited {
        let caller = Caller::without_token();
        caller.exited(reason);
        Exited { caller, watching: None }
    }
}

impl System {
    /// Waits for the end of a process and tells its reason; `NoProc` if there is none (any more).
    pub fn exited(&self, pid: Pid) -> Exited {
        match self.table().find(pid) {
            Some(process) => Exited::of(process.header()),
            None => Exited::already(&ExitReason::NoProc),
        }
    }
}

impl Future for Exited {
    type Output = ExitReason;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ExitReason> {
        self.caller.poll(cx.waker()).map(|answer| match answer {
            Answer::Exited(reason) => reason,
            Answer::Dropped => ExitReason::NoProc,
            Answer::Reply(never) => match never {},
        })
    }
}

impl Drop for Exited {
    fn drop(&mut self) {
        if let Some((system, pid, key)) = self.watching.take()
            && let Some(process) = system.table().find(pid)
        {
            process.header().unwatch(key);
        }
    }
}

impl fmt::Debug for Exited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Exited")
    }
}

use std::sync::atomic::Ordering;
use std::time::Duration;

use otp_core::event::Event;
use otp_core::runtime::{Delivery, Director, Step};
use otp_core::{Pid, Process};

use crate::faults::Kind;
use crate::shared::Shared;
use crate::trace::What;

/// The decisions that the simulator makes for the library, and the steps that the library reports to it.
impl Director for Shared {
    fn runs_inline(&self, callee: Pid) -> bool {
        let mut state = self.lock();
        if state.is_paused(callee) || state.held.is_held_from(callee) {
            return false;
        }
        state.goes_on_inline()
    }

    fn switches(&self) -> bool {
        !self.lock().goes_on_inline()
    }

    fn kills_before(&self, callee: &Process) -> bool {
        self.kills(Kind::KillBefore, callee)
    }

    fn kills_after(&self, callee: &Process) -> bool {
        self.kills(Kind::KillAfter, callee)
    }

    fn holds(&self, from: Pid, to: Pid) -> bool {
        if !self.delays {
            return false;
        }
        let mut state = self.lock();
        if state.held.holds(from, to) {
            return true;
        }
        let Some(fault) = state.injector.draw(Kind::Delay) else { return false };
        let lasting = state.injector.duration(fault);
        if let Some(recording) = &mut state.recording {
            recording.fault(fault, Some(to), lasting);
        }
        state.held.begin(from, to, (self.now() + lasting).as_nanos());
        self.holding.store(true, Ordering::Relaxed);
        true
    }

    fn hold(&self, from: Pid, to: Pid, message: Delivery) {
        let not_held = self.lock().held.add(from, to, message);
        if let Some(message) = not_held {
            message.deliver();
        }
    }

    fn note(&self, step: &Step<'_>) {
        if !self.is_here() {
            // Steps before and after a run are ignored there.
            return self.notice_elsewhere("sent something");
        }
        self.mix(match *step {
            Step::Sent { from, to, .. } => code(1, from, to),
            Step::Signalled { from, to, .. } => code(2, from, to),
            Step::Down { to, .. } => code(3, to, to),
            Step::Calls { caller, callee, .. } => code(4, caller, callee),
            Step::Called { callee, .. } => code(5, callee, callee),
            Step::Answers { from } => code(6, from, from),
            Step::Event(Event::Spawned { pid, parent, .. }) => code(7, *parent, *pid),
            Step::Event(Event::Exited { pid, .. }) => code(8, *pid, *pid),
            Step::Event(Event::Other(occurrence)) => {
                let pid = occurrence.pid().unwrap_or(Pid::SYSTEM);
                code(11, pid, pid)
            }
            Step::Handles { process, .. } => code(10, process, process),
            Step::Asked { from, to, .. } => code(12, from, to),
            Step::RunsInline { caller, callee, .. } => code(13, caller, callee),
            _ => 9,
        });
        if self.holding.load(Ordering::Relaxed) {
            self.release_before(step);
        }
        let is_call = matches!(step, Step::Calls { .. } | Step::Called { .. });
        let is_recorded = self.recording.load(Ordering::Relaxed);
        if !is_call && !is_recorded {
            return;
        }
        // Formatting runs users' code, so it runs without the lock.
        let what = if is_recorded { What::of(step) } else { None };
        let mut state = self.lock();
        match *step {
            Step::Calls { caller, callee, key, message } => {
                state.calls.insert((callee, key), (caller, message));
            }
            Step::Called { callee, key } => {
                let call = state.calls.remove(&(callee, key));
                if let (Some((caller, _)), Some(recording)) = (call, &mut state.recording) {
                    recording.happened(What::Answered { caller, callee });
                }
            }
            _ => {}
        }
        if let (Some(recording), Some(what)) = (&mut state.recording, what) {
            recording.happened(what);
        }
    }
}

impl Shared {
    /// Whether a fault kills a process that is in the middle of a call.
    fn kills(&self, kind: Kind, callee: &Process) -> bool {
        let faults = {
            let state = self.lock();
            let faults = state.injector.faults();
            if !faults.has(kind) {
                return false;
            }
            faults.clone()
        };
        // `may_hit` is users' code, so it runs without the lock.
        if !callee.system().info(callee.pid()).is_some_and(|info| faults.may_hit(&info)) {
            return false;
        }
        let mut state = self.lock();
        let Some(fault) = state.injector.draw(kind) else { return false };
        if let Some(recording) = &mut state.recording {
            recording.fault(fault, Some(callee.pid()), Duration::ZERO);
        }
        true
    }

    /// Delivers the delayed messages of a process before a step of it that must not overtake them.
    fn release_before(&self, step: &Step<'_>) {
        let from = match *step {
            Step::Signalled { from, .. } | Step::Asked { from, .. } | Step::Answers { from } => from,
            Step::Event(Event::Exited { pid, .. }) => *pid,
            _ => return,
        };
        let sent = {
            let mut state = self.lock();
            let sent = state.held.of(from);
            self.holding.store(!state.held.is_empty(), Ordering::Relaxed);
            sent
        };
        sent.into_iter().for_each(Delivery::deliver);
    }
}

/// Encodes a step for the hash of a run. Pids are the same in each run of a seed.
fn code(kind: u64, from: Pid, to: Pid) -> u64 {
    kind | from.number() << 8 | to.number() << 36
}

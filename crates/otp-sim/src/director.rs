use std::sync::atomic::Ordering;
use std::time::Duration;

use otp_core::event::Event;
use otp_core::runtime::{Delivery, Director, Step};
use otp_core::{Pid, Process};

use crate::faults::Kind;
use crate::runtime::SimRuntime;
use crate::trace::{Hit, What};

/// The decisions that the simulator makes for the systems of a runtime, and the steps that they report to it.
impl Director for SimRuntime {
    fn runs_inline(&self, callee: Pid) -> bool {
        let (mut state, callee) = (self.shared().lock(), self.life().process(callee));
        if state.is_paused(callee) || state.held.is_held_from(callee) {
            return false;
        }
        state.goes_on_inline()
    }

    fn switches(&self) -> bool {
        !self.shared().lock().goes_on_inline()
    }

    fn kills_before(&self, callee: &Process) -> bool {
        self.kills(Kind::KillBefore, callee)
    }

    fn kills_after(&self, callee: &Process) -> bool {
        self.kills(Kind::KillAfter, callee)
    }

    fn holds(&self, from: Pid, to: Pid) -> bool {
        let shared = self.shared();
        if !shared.delays {
            return false;
        }
        let (from, to) = (self.life().process(from), self.life().process(to));
        let mut state = shared.lock();
        if state.held.holds(from, to) {
            return true;
        }
        let Some(fault) = state.injector.draw(Kind::Delay) else { return false };
        let lasting = state.injector.duration(fault);
        if let Some(recording) = &mut state.recording {
            recording.fault(fault, Hit::Process(to), lasting);
        }
        state.held.begin(from, to, (shared.now() + lasting).as_nanos());
        shared.holding.store(true, Ordering::Relaxed);
        true
    }

    fn hold(&self, from: Pid, to: Pid, message: Delivery) {
        let (from, to) = (self.life().process(from), self.life().process(to));
        let not_held = self.shared().lock().held.add(from, to, message);
        if let Some(message) = not_held {
            message.deliver();
        }
    }

    fn note(&self, step: &Step<'_>) {
        let (shared, life) = (self.shared(), self.life());
        if life.is_over() {
            // A host that has crashed does nothing any more.
            return;
        }
        if !shared.is_here() {
            // Steps before and after a run are ignored there.
            return shared.notice_elsewhere("sent something");
        }
        let code = |kind, from: Pid, to: Pid| code(kind, from, to) ^ u64::from(life.number) << 52;
        shared.mix(match *step {
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
        if shared.holding.load(Ordering::Relaxed) {
            self.release_before(step);
        }
        let is_call = matches!(step, Step::Calls { .. } | Step::Called { .. });
        let is_recorded = shared.recording.load(Ordering::Relaxed);
        if !is_call && !is_recorded {
            return;
        }
        // Formatting runs users' code, so it runs without the lock.
        let what = if is_recorded { What::of(life, step) } else { None };
        let mut state = shared.lock();
        match *step {
            Step::Calls { caller, callee, key, message } => {
                state.calls.insert((life.process(callee), key), (life.process(caller), message));
            }
            Step::Called { callee, key } => {
                let callee = life.process(callee);
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

impl SimRuntime {
    /// Whether a fault kills a process that is in the middle of a call.
    fn kills(&self, kind: Kind, callee: &Process) -> bool {
        let faults = {
            let state = self.shared().lock();
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
        let mut state = self.shared().lock();
        let Some(fault) = state.injector.draw(kind) else { return false };
        if let Some(recording) = &mut state.recording {
            recording.fault(fault, Hit::Process(self.life().process(callee.pid())), Duration::ZERO);
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
            let mut state = self.shared().lock();
            let sent = state.held.of(self.life().process(from));
            self.shared().holding.store(!state.held.is_empty(), Ordering::Relaxed);
            sent
        };
        sent.into_iter().for_each(Delivery::deliver);
    }
}

/// Encodes a step for the hash of a run. Pids are the same in each run of a seed.
fn code(kind: u64, from: Pid, to: Pid) -> u64 {
    kind | from.number() << 8 | to.number() << 36
}

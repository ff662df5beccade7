use otp_behaviour::{HandOver, StartError};
use otp_core::runtime::Instant;
use otp_core::{ExitReason, Label, Pid};
use otp_genserver::{Context, GenServer, Info, Next};

use crate::children::{ChildState, Children, Key};
use crate::decide::{Decision, Rules};
use crate::event::SupervisorEvent;
use crate::started::AnyChild;
use crate::stop::stop_child;

/// A message of a supervisor to itself: restart a child now. It is handled in order, so that requests that wait are
/// served in between.
#[expect(unnameable_types, reason = "only a supervisor makes one")]
pub struct Retry {
    key: Key,
    /// The count of postponements. If the child has been started and postponed again since, this message is out of
    /// date.
    turn: u64,
    /// True after a pause: the restart has been counted. False after a failed start, where each attempt counts.
    paused: bool,
    /// The reason for the restart.
    reason: ExitReason,
}

impl Retry {
    /// Makes the message for a child that has just been postponed.
    pub(crate) fn of(children: &Children, key: Key, paused: bool, reason: ExitReason) -> Retry {
        Retry { key, turn: children.get(key).map_or(0, |child| child.put_off), paused, reason }
    }

    /// Decides what to do now.
    pub(crate) fn decide(&self, rules: &mut Rules, children: &mut Children, now: Instant) -> Decision {
        if !self.paused {
            return rules.on_retry(children, self.key, now);
        }
        match children.get(self.key) {
            Some(child) if child.put_off == self.turn => rules.on_pause_over(children, self.key),
            _ => Decision::Nothing,
        }
    }
}

/// Carries out decisions, in the process of a supervisor.
pub(crate) struct Carrier<'a, S: GenServer> {
    pub(crate) children: &'a mut Children,
    pub(crate) ctx: &'a mut Context<S>,
}

impl<S: GenServer<Info = Retry>> Carrier<'_, S> {
    /// Handles the end of a process, or a message of the supervisor to itself. Ignores anything else.
    pub(crate) async fn handle(self, rules: &mut Rules, info: Info<Retry>) -> Result<Next<S>, ExitReason> {
        let now = self.ctx.system().now();
        let (decision, reason) = match info {
            Info::Exit(exit) if exit.reason.is_abnormal() => {
                let crashed = self.children.by_pid(exit.from);
                let decision = rules.on_exit(self.children, exit.from, &exit.reason, now);
                if let Some(key) = crashed {
                    self.note_crash(key);
                }
                (decision, exit.reason)
            }
            Info::Exit(exit) => (rules.on_exit(self.children, exit.from, &exit.reason, now), exit.reason),
            Info::Message(retry) => (retry.decide(rules, self.children, now), retry.reason),
            _ => return Ok(Next::Receive),
        };
        self.carry_out(decision, reason).await
    }

    /// Carries out the decision that followed from an end with `reason`.
    async fn carry_out(mut self, decision: Decision, reason: ExitReason) -> Result<Next<S>, ExitReason> {
        match decision {
            Decision::Nothing => {}
            Decision::Pause(key, pause) => {
                let backoff = self.children.get(key).and_then(|child| child.spec.backoff_policy());
                let pause = backoff.map_or(pause, |backoff| backoff.jittered(pause, self.ctx.system().random()));
                let retry = Retry::of(self.children, key, true, reason);
                self.ctx.send_after(pause, retry);
            }
            Decision::AutoShutdown => return Ok(Next::Stop(ExitReason::Shutdown)),
            Decision::GiveUp { child, reason } => {
                self.report(|supervisor, label| SupervisorEvent::GaveUp { supervisor, label, child, reason });
                return Ok(Next::Stop(ExitReason::Shutdown));
            }
            Decision::GiveUpChild { child, shutdown } => {
                self.report(|supervisor, label| SupervisorEvent::ChildGaveUp { supervisor, label, child, reason });
                if shutdown {
                    return Ok(Next::Stop(ExitReason::Shutdown));
                }
            }
            Decision::Restart { stop, start } => {
                for key in stop {
                    self.stop(key).await;
                }
                let mut start = start.into_iter();
                for key in start.by_ref() {
                    if !self.start_again(key, &reason).await {
                        break;
                    }
                }
                // Children that a failure has left out do not run; the child that has ended may be one of them.
                start.for_each(|key| self.children.ended(key));
            }
        }
        Ok(Next::Receive)
    }

    /// Starts a child. If this fails, the state of the child does not change.
    pub(crate) async fn start(&mut self, key: Key) -> Result<Option<AnyChild>, StartError> {
        let Some(child) = self.children.get(key) else { return Ok(None) };
        let started =
            child.spec.start(self.ctx, child.hand_over.as_ref()).await.inspect_err(|_| self.note_crash(key))?;
        self.children.started(key, started.as_ref().map(AnyChild::pid), || self.ctx.system().now());
        Ok(started)
    }

    /// Counts a crash of a child, which may make what it has saved suspect.
    fn note_crash(&self, key: Key) {
        let Some(child) = self.children.get(key) else { return };
        if let Some(crashes) = child.hand_over.as_ref().and_then(HandOver::note_crash) {
            let child = child.spec.id().clone();
            self.report(|supervisor, label| SupervisorEvent::StateRefused { supervisor, label, child, crashes });
        }
    }

    async fn stop(&mut self, key: Key) {
        if let Some((pid, shutdown)) = self.children.get(key).and_then(|child| child.to_stop()) {
            stop_child(self.ctx, pid, shutdown).await;
        }
        self.children.ended(key);
    }

    /// Restarts a child; false if this failed, and will be tried later.
    async fn start_again(&mut self, key: Key, reason: &ExitReason) -> bool {
        let Some(child) = self.children.get_mut(key) else { return true };
        let id = child.spec.id().clone();
        let reason = reason.clone();
        match self.start(key).await {
            Ok(started) => {
                let pid = started.as_ref().map(AnyChild::pid);
                if let Some(child) = self.children.get_mut(key) {
                    child.restarts += 1;
                }
                self.report(|supervisor, label| SupervisorEvent::Restarted {
                    supervisor,
                    label,
                    child: id,
                    pid,
                    reason,
                });
                true
            }
            Err(error) => {
                self.report(|supervisor, label| SupervisorEvent::RestartFailed { supervisor, label, child: id, error });
                self.children.put_off(key);
                // Fails only when the supervisor itself has ended.
                self.ctx.server().info(Retry::of(self.children, key, false, reason));
                false
            }
        }
    }

    /// Reports an event of this supervisor; `make` gets its pid and its label.
    fn report(&self, make: impl FnOnce(Pid, Option<Label>) -> SupervisorEvent) {
        let (supervisor, system) = (self.ctx.pid(), self.ctx.system());
        system.report(|| make(supervisor, system.info(supervisor).and_then(|info| info.label)));
    }
}

impl crate::children::Child {
    /// Returns the process to stop, if it runs, and how.
    pub(crate) fn to_stop(&self) -> Option<(Pid, crate::policy::Shutdown)> {
        match self.state {
            ChildState::Running(pid) => Some((pid, self.spec.shutdown_limit())),
            _ => None,
        }
    }
}

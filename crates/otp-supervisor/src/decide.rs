//! The decisions of a supervisor when something happens to a child: pure functions over plain data, without a clock, a
//! lock or an await. The process around them carries the decisions out.

use std::time::Duration;

use otp_core::runtime::Instant;
use otp_core::{ExitReason, Label, Pid};

use crate::children::{Child, ChildState, Children, Key};
use crate::flags::{AutoShutdown, Strategy};
use crate::intensity::Intensity;
use crate::policy::Restart;

/// The rules of one supervisor, and the state that they need.
pub(crate) struct Rules {
    pub(crate) strategy: Strategy,
    pub(crate) auto_shutdown: AutoShutdown,
    pub(crate) intensity: Intensity,
}

/// A decision, to be carried out by the supervisor's process.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Decision {
    /// Do nothing.
    Nothing,
    /// Stop the first children in this order, then start the others in this order.
    Restart { stop: Vec<Key>, start: Vec<Key> },
    /// Ask again, with [`Rules::on_pause_over`], after this time.
    Pause(Key, Duration),
    /// End the supervisor: this child ended once too often.
    GiveUp { child: Label, reason: ExitReason },
    /// Report that this child, which ended once more than its own limit allows, has been given up; then end the
    /// supervisor, if the child was significant and `shutdown` says so.
    GiveUpChild { child: Label, shutdown: bool },
    /// End the supervisor: its significant children have ended.
    AutoShutdown,
}

impl Rules {
    /// Decides after the end of a process.
    pub(crate) fn on_exit(&mut self, children: &mut Children, pid: Pid, reason: &ExitReason, now: Instant) -> Decision {
        let Some(key) = children.by_pid(pid) else { return Decision::Nothing };
        let Some(child) = children.get(key) else { return Decision::Nothing };
        if child.state != ChildState::Running(pid) {
            return Decision::Nothing;
        }
        let again = match child.spec.restart_type() {
            Restart::Permanent => true,
            Restart::Transient => reason.is_abnormal(),
            Restart::Temporary => false,
        };
        if again {
            return self.restart(children, key, reason, now);
        }
        if self.ends_for_good(children, key) { Decision::AutoShutdown } else { Decision::Nothing }
    }

    /// Decides about another attempt, after a failed restart.
    pub(crate) fn on_retry(&mut self, children: &mut Children, key: Key, now: Instant) -> Decision {
        match children.get(key).map(|child| child.state) {
            Some(ChildState::Restarting(_)) => self.restart(children, key, &ExitReason::NoProc, now),
            _ => Decision::Nothing,
        }
    }

    /// Decides after the pause before a restart, which has been counted.
    pub(crate) fn on_pause_over(&self, children: &Children, key: Key) -> Decision {
        match children.get(key).map(|child| child.state) {
            Some(ChildState::Restarting(_)) => self.group(children, key),
            _ => Decision::Nothing,
        }
    }

    fn restart(&mut self, children: &mut Children, key: Key, reason: &ExitReason, now: Instant) -> Decision {
        let Some(child) = children.get_mut(key) else { return Decision::Nothing };
        if child.has_run_long(now) {
            child.in_a_row = 0;
        }
        match child.spec.retry_limit() {
            Some(limit) if child.in_a_row >= limit => {
                child.in_a_row = 0;
                let child = child.spec.id().clone();
                return Decision::GiveUpChild { child, shutdown: self.ends_for_good(children, key) };
            }
            None if !self.intensity.allows(now) => {
                let child = child.spec.id().clone();
                children.ended(key);
                return Decision::GiveUp { child, reason: reason.clone() };
            }
            _ => {}
        }
        if let Some(pause) = next_pause(child) {
            children.put_off(key);
            return Decision::Pause(key, pause);
        }
        self.group(children, key)
    }

    /// The children that are restarted together with `key`. Children that were stopped or had ended are started too.
    fn group(&self, children: &Children, key: Key) -> Decision {
        let group: Vec<(Key, &Child)> = match self.strategy {
            Strategy::OneForOne => return Decision::Restart { stop: Vec::new(), start: vec![key] },
            Strategy::RestForOne => children.since(key).collect(),
            Strategy::OneForAll => children.iter().collect(),
        };
        let to_stop = |(other, child): &&(Key, &Child)| *other != key && child.state != ChildState::Stopped;
        let to_start = |(_, child): &&(Key, &Child)| !child.spec.is_temporary();
        Decision::Restart {
            stop: group.iter().rev().filter(to_stop).map(|(key, _)| *key).collect(),
            start: group.iter().filter(to_start).map(|(key, _)| *key).collect(),
        }
    }

    /// Records that a child has ended for good; returns whether the supervisor ends now, because the child was
    /// significant.
    fn ends_for_good(&self, children: &mut Children, key: Key) -> bool {
        let significant = children.get(key).is_some_and(|child| child.spec.is_significant());
        children.ended(key);
        let present = |child: &Child| child.spec.is_significant() && child.state != ChildState::Stopped;
        match self.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => significant,
            AutoShutdown::AllSignificant => significant && !children.iter().any(|(_, child)| present(child)),
        }
    }
}

impl Child {
    /// Whether the child has run for so long that its backoff starts again.
    fn has_run_long(&self, now: Instant) -> bool {
        let (Some(backoff), Some(started)) = (self.spec.backoff_policy(), self.started) else { return false };
        matches!(self.state, ChildState::Running(_)) && backoff.forgets_after(now - started)
    }
}

/// The pause before the next restart of a child, if it has a backoff.
fn next_pause(child: &mut Child) -> Option<Duration> {
    let pause = child.spec.backoff_policy()?.pause(child.in_a_row);
    child.in_a_row = child.in_a_row.saturating_add(1);
    Some(pause).filter(|pause| !pause.is_zero())
}

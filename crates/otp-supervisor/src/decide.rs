//! What a supervisor does when something happens to a child: plain functions over plain data, without a clock, a
//! lock or an await. The process around them carries the decisions out.

use std::time::Duration;

use otp_core::runtime::Instant;
use otp_core::{ExitReason, Label, Pid};

use crate::children::{Child, ChildState, Children, Key};
use crate::flags::{AutoShutdown, Strategy};
use crate::intensity::Intensity;
use crate::spec::Restart;

/// The rules of one supervisor, and what it has to remember for them.
pub(crate) struct Rules {
    pub(crate) strategy: Strategy,
    pub(crate) auto_shutdown: AutoShutdown,
    pub(crate) intensity: Intensity,
}

/// What is to be done.
#[derive(Debug, PartialEq)]
pub(crate) enum Decision {
    /// Nothing.
    Nothing,
    /// Stop the first ones in this order, then start the others in this order.
    Restart { stop: Vec<Key>, start: Vec<Key> },
    /// Ask again, with [`Rules::on_pause_over`], when the time has passed.
    Pause(Key, Duration),
    /// End: this child ended once too often.
    GiveUp { child: Label, reason: ExitReason },
    /// End: the significant children have.
    AutoShutdown,
}

impl Rules {
    /// A process has ended.
    pub(crate) fn on_exit(&mut self, children: &mut Children, pid: Pid, reason: &ExitReason, now: Instant) -> Decision {
        let Some((key, child)) = children.by_pid(pid) else { return Decision::Nothing };
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
        let significant = child.spec.is_significant();
        children.ended(key);
        if significant && self.ends_with_significant(children) { Decision::AutoShutdown } else { Decision::Nothing }
    }

    /// A restart that failed is to be tried again.
    pub(crate) fn on_retry(&mut self, children: &mut Children, key: Key, now: Instant) -> Decision {
        match children.get(key).map(|child| child.state) {
            Some(ChildState::Restarting(_)) => self.restart(children, key, &ExitReason::NoProc, now),
            _ => Decision::Nothing,
        }
    }

    /// The pause before a restart, which has been counted, is over.
    pub(crate) fn on_pause_over(&self, children: &Children, key: Key) -> Decision {
        match children.get(key).map(|child| child.state) {
            Some(ChildState::Restarting(_)) => self.group(children, key),
            _ => Decision::Nothing,
        }
    }

    fn restart(&mut self, children: &mut Children, key: Key, reason: &ExitReason, now: Instant) -> Decision {
        let allowed = self.intensity.allows(now);
        let Some(child) = children.get_mut(key) else { return Decision::Nothing };
        if !allowed {
            let child = child.spec.id().clone();
            children.ended(key);
            return Decision::GiveUp { child, reason: reason.clone() };
        }
        if let Some(pause) = next_pause(child, now) {
            children.put_off(key);
            return Decision::Pause(key, pause);
        }
        self.group(children, key)
    }

    /// Which children a restart of `key` takes with it. Children that were stopped or had ended are started too.
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

    /// Whether the supervisor ends now that a significant child has.
    fn ends_with_significant(&self, children: &Children) -> bool {
        let present = |child: &Child| child.spec.is_significant() && child.state != ChildState::Stopped;
        match self.auto_shutdown {
            AutoShutdown::Never => false,
            AutoShutdown::AnySignificant => true,
            AutoShutdown::AllSignificant => !children.iter().any(|(_, child)| present(child)),
        }
    }
}

/// The pause before the next restart of a child, if it has a backoff.
fn next_pause(child: &mut Child, now: Instant) -> Option<Duration> {
    let backoff = child.spec.backoff_policy()?;
    let ran = matches!(child.state, ChildState::Running(_)) && backoff.forgets_after(now - child.started);
    if ran {
        child.in_a_row = 0;
    }
    let pause = backoff.pause(child.in_a_row);
    child.in_a_row = child.in_a_row.saturating_add(1);
    Some(pause).filter(|pause| !pause.is_zero())
}

use std::borrow::Cow;
use std::sync::{Arc, Mutex, PoisonError};

use otp_core::event::Event;
use otp_core::{Label, LoadEvent, System, ThreadEvent};
#[cfg(feature = "event")]
use otp_event::gen_event::HandlerEvent;
#[cfg(feature = "health")]
use otp_health::HealthEvent;
use otp_supervisor::SupervisorEvent;

use super::bounded::Bounded;
use super::kinds::Kinds;
use super::names::{self, Metric};
use super::sink::recording;

/// Counts events.
pub(super) struct Hearing {
    system: System,
    kinds: Arc<Kinds>,
    limit: usize,
    supervisors: Mutex<Bounded>,
}

impl Hearing {
    pub(super) fn new(system: System, kinds: Arc<Kinds>, limit: usize) -> Hearing {
        Hearing { system, kinds, limit, supervisors: Mutex::default() }
    }

    pub(super) fn hear(&self, event: &Event) {
        recording(|| self.count(event));
    }

    fn count(&self, event: &Event) {
        let (system, kinds) = (&self.system, &self.kinds);
        match event {
            Event::Spawned { pid, .. } => kinds.with_pid(system, Some(*pid), |kind| kind.spawns.increment(1)),
            Event::Exited { pid, reason, .. } => {
                kinds.with_pid(system, Some(*pid), |kind| kind.exits(&kinds.sink, reason).increment(1));
            }
            Event::Crashed(report) => kinds.with_pid(system, report.pid, |kind| {
                kinds.sink.counter(&names::CRASHES, &[&kind.name]).increment(1);
            }),
            _ => self.count_other(event),
        }
    }

    fn count_other(&self, event: &Event) {
        if let Some(event) = event.downcast_ref::<SupervisorEvent>() {
            return self.count_supervisor(event);
        }
        if let Some(LoadEvent::Overloaded { pid, .. }) = event.downcast_ref() {
            return self.kinds.with_pid(&self.system, Some(*pid), |kind| {
                self.kinds.sink.counter(&names::OVERLOADS, &[&kind.name]).increment(1);
            });
        }
        if let Some(ThreadEvent::EndDelayed { .. }) = event.downcast_ref() {
            self.plain(&names::DELAYED_ENDS);
        }
        #[cfg(feature = "event")]
        if let Some(HandlerEvent::Failed { .. }) = event.downcast_ref() {
            self.plain(&names::HANDLER_FAILURES);
        }
        #[cfg(feature = "health")]
        if let Some(HealthEvent::Unresponsive(_)) = event.downcast_ref() {
            self.plain(&names::UNRESPONSIVE);
        }
    }

    fn count_supervisor(&self, event: &SupervisorEvent) {
        match event {
            SupervisorEvent::Restarted { label, .. } => self.supervisor(&names::RESTARTS, label),
            SupervisorEvent::RestartFailed { label, .. } => self.supervisor(&names::FAILED_RESTARTS, label),
            SupervisorEvent::ChildGaveUp { label, .. } => self.supervisor(&names::GIVEN_UP_CHILDREN, label),
            SupervisorEvent::StateRefused { label, .. } => self.supervisor(&names::REFUSED_STATES, label),
            SupervisorEvent::GaveUp { label, .. } => self.supervisor(&names::GIVE_UPS, label),
            _ => {}
        }
    }

    fn supervisor(&self, metric: &Metric, label: &Option<Label>) {
        let label = Cow::Borrowed(label.as_ref().map_or("supervisor", |label| label.as_str()));
        let fresh = self.supervisors.lock().unwrap_or_else(PoisonError::into_inner).admit(label, self.limit);
        let value = fresh.unwrap_or_else(|| self.kinds.lost().into());
        self.kinds.sink.counter(metric, &[&value]).increment(1);
    }

    fn plain(&self, metric: &Metric) {
        self.kinds.sink.counter(metric, &[]).increment(1);
    }
}

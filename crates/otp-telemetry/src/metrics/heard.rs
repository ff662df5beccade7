use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

#[cfg(feature = "application")]
use otp_application::ApplicationEvent;
use otp_core::event::Event;
use otp_core::{Label, LoadEvent, System, ThreadEvent};
#[cfg(feature = "dist")]
use otp_dist::NodeEvent;
#[cfg(feature = "event")]
use otp_event::gen_event::HandlerEvent;
#[cfg(feature = "health")]
use otp_health::HealthEvent;
use otp_supervisor::SupervisorEvent;

use super::bounded::Bounded;
#[cfg(feature = "application")]
use super::kind::class_of;
use super::kinds::Kinds;
use super::names::{self, Metric};
use super::sink::recording;

/// Counts events.
pub(super) struct Hearing {
    system: System,
    kinds: Arc<Kinds>,
    limit: usize,
    /// The values of labels, by their names.
    labels: Mutex<HashMap<&'static str, Bounded>>,
}

impl Hearing {
    pub(super) fn new(system: System, kinds: Arc<Kinds>, limit: usize) -> Hearing {
        Hearing { system, kinds, limit, labels: Mutex::default() }
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
        #[cfg(feature = "application")]
        if let Some(event) = event.downcast_ref::<ApplicationEvent>() {
            self.count_application(event);
        }
        #[cfg(feature = "dist")]
        if let Some(event) = event.downcast_ref::<NodeEvent>() {
            self.count_node(event);
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

    #[cfg(feature = "application")]
    fn count_application(&self, event: &ApplicationEvent) {
        match event {
            ApplicationEvent::Started { app, .. } => self.labelled(&names::APP_STARTS, app.as_str(), None),
            ApplicationEvent::StartFailed(_) => self.plain(&names::APP_FAILED_STARTS),
            ApplicationEvent::Stopped(end) => self.labelled(&names::APP_STOPS, end.app.as_str(), None),
            ApplicationEvent::Ended { end, .. } => {
                let class = end.reason.as_ref().map_or("killed", class_of);
                self.labelled(&names::APP_ENDS, end.app.as_str(), Some(class));
            }
            ApplicationEvent::Reconfigured { app, .. } => self.labelled(&names::RELOADS, app.as_str(), None),
            ApplicationEvent::ReloadFailed(_) => self.plain(&names::FAILED_RELOADS),
            _ => {}
        }
    }

    #[cfg(feature = "dist")]
    fn count_node(&self, event: &NodeEvent) {
        let metric = match event {
            NodeEvent::Down { .. } => &names::NODES_DOWN,
            _ => &names::NODES_UP,
        };
        self.labelled(metric, event.node().as_str(), None);
    }

    fn supervisor(&self, metric: &Metric, label: &Option<Label>) {
        self.labelled(metric, label.as_ref().map_or("supervisor", |label| label.as_str()), None);
    }

    /// Counts one more of a value of the first label; a second one has few values.
    fn labelled(&self, metric: &Metric, value: &str, second: Option<&str>) {
        let fresh = {
            let mut labels = self.labels.lock().unwrap_or_else(PoisonError::into_inner);
            labels.entry(metric.labels[0]).or_default().admit(Cow::Borrowed(value), self.limit)
        };
        let value = fresh.unwrap_or_else(|| self.kinds.lost().into());
        let values: Vec<_> = [&*value].into_iter().chain(second).collect();
        self.kinds.sink.counter(metric, &values).increment(1);
    }

    fn plain(&self, metric: &Metric) {
        self.kinds.sink.counter(metric, &[]).increment(1);
    }
}

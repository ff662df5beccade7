//! What went wrong, and what supervisors did about it: the last ones, kept whether somebody looks or not.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::SystemTime;

use otp_application::ApplicationEvent;
use otp_core::behaviour::cut;
use otp_core::event::{CrashReport, Event, HookGuard};
use otp_core::runtime::Instant;
use otp_core::{Pid, System};
use otp_supervisor::SupervisorEvent;
use serde::Serialize;

/// Records incidents while it exists. They are kept in the system, so that a restart of the observer does not lose them; all
/// observers of a system share them, and record each once.
pub(crate) struct Incidents {
    kept: Arc<Kept>,
    _hook: Arc<HookGuard>,
}

#[derive(Default)]
struct Kept {
    list: Mutex<List>,
    /// The hook that records, while there are observers.
    hook: Mutex<Weak<HookGuard>>,
}

#[derive(Default)]
struct List {
    crashes: VecDeque<Arc<Incident>>,
    others: VecDeque<Arc<Incident>>,
    /// How many crashes, and restarts, there have been since the observer was first started.
    crashed: u64,
    restarted: u64,
    next: u64,
    most: usize,
}

/// A crash, or something that a supervisor did.
#[derive(Debug, Serialize)]
pub(crate) struct Incident {
    pub(crate) id: u64,
    pub(crate) kind: Kind,
    /// The process that crashed; of a restart, the new one; else the supervisor.
    pub(crate) pid: Option<String>,
    pub(crate) label: Option<String>,
    /// Who started it, which is its supervisor if it has one.
    pub(crate) parent: Option<String>,
    pub(crate) reason: String,
    pub(crate) place: Option<String>,
    /// How the state of a crashed server looked, if it tells.
    pub(crate) state: Option<Arc<str>>,
    /// The wall clock, in milliseconds since 1970.
    pub(crate) time: u64,
    #[serde(skip)]
    pub(crate) at: Instant,
    #[serde(skip)]
    pub(crate) about: Option<Pid>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Crash,
    Restart,
    RestartFailed,
    GaveUp,
    Application,
}

/// How much of a reason is kept.
const TEXT: usize = 3 * 1024;
/// How many incidents are kept that are no crashes.
const OTHERS: usize = 200;

impl Incidents {
    /// Begins to record in a system; keeps so many crashes, or as many as another observer wants.
    pub(crate) fn record(system: &System, most: usize) -> Incidents {
        let kept = system.slot::<Kept>();
        let mut shared = kept.hook.lock().unwrap_or_else(PoisonError::into_inner);
        let hook = match shared.upgrade() {
            Some(hook) => {
                let mut list = kept.lock();
                list.most = list.most.max(most);
                hook
            }
            None => {
                kept.lock().most = most;
                let hook = Arc::new(kept.clone().hook(system));
                *shared = Arc::downgrade(&hook);
                hook
            }
        };
        drop(shared);
        Incidents { kept, _hook: hook }
    }

    /// All crashes, the last one first.
    pub(crate) fn crashes(&self) -> Vec<Arc<Incident>> {
        self.kept.lock().crashes.iter().rev().cloned().collect()
    }

    /// What supervisors and applications did, the last first.
    pub(crate) fn others(&self) -> Vec<Arc<Incident>> {
        self.kept.lock().others.iter().rev().cloned().collect()
    }

    /// How many crashes, and how many restarts, there have been.
    pub(crate) fn totals(&self) -> (u64, u64) {
        let list = self.kept.lock();
        (list.crashed, list.restarted)
    }

    /// The incidents after one, the first one first, and the number of the last one.
    pub(crate) fn since(&self, id: u64) -> Vec<Arc<Incident>> {
        let list = self.kept.lock();
        let mut new: Vec<_> = list.crashes.iter().chain(&list.others).filter(|one| one.id > id).cloned().collect();
        new.sort_by_key(|incident| incident.id);
        new
    }

    /// The number of the last incident.
    pub(crate) fn last(&self) -> u64 {
        self.kept.lock().next
    }
}

impl Kept {
    fn hook(self: Arc<Self>, system: &System) -> HookGuard {
        let runtime = system.runtime().clone();
        system.on_report(move |event| {
            // Formats code of users: not under the lock.
            if let Some(incident) = Incident::of(event, runtime.now(), runtime.system_time()) {
                self.add(incident);
            }
        })
    }

    fn lock(&self) -> MutexGuard<'_, List> {
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, mut incident: Incident) {
        let mut list = self.lock();
        list.next += 1;
        incident.id = list.next;
        let is_crash = incident.kind == Kind::Crash;
        list.crashed += u64::from(is_crash);
        list.restarted += u64::from(incident.kind == Kind::Restart);
        let most = if is_crash { list.most } else { OTHERS };
        let incidents = if is_crash { &mut list.crashes } else { &mut list.others };
        incidents.push_back(Arc::new(incident));
        let old = incidents.len().saturating_sub(most);
        let dropped: Vec<_> = incidents.drain(..old).collect();
        drop(list);
        drop(dropped);
    }
}

impl Incident {
    fn of(event: &Event, at: Instant, time: SystemTime) -> Option<Incident> {
        let time = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_millis() as u64);
        let blank = |kind| Incident {
            id: 0,
            kind,
            pid: None,
            label: None,
            parent: None,
            reason: String::new(),
            place: None,
            state: None,
            time,
            at,
            about: None,
        };
        if let Event::Crashed(report) = event {
            return Some(Incident { id: 0, ..crash(report, blank(Kind::Crash)) });
        }
        if let Some(event) = event.downcast_ref::<SupervisorEvent>() {
            return Some(supervisor_event(event, blank));
        }
        let event = event.downcast_ref::<ApplicationEvent>()?;
        Some(Incident { reason: cut(event.to_string(), TEXT), ..blank(Kind::Application) })
    }
}

fn crash(report: &CrashReport, blank: Incident) -> Incident {
    Incident {
        pid: report.pid.map(|pid| pid.to_string()),
        label: report.label.as_ref().map(|label| cut(label.to_string(), 256)),
        parent: report.parent.map(|pid| pid.to_string()),
        reason: cut(report.reason.to_string(), TEXT),
        place: report.place().map(|place| place.to_string()),
        state: report.state.clone(),
        about: report.pid,
        ..blank
    }
}

fn supervisor_event(event: &SupervisorEvent, blank: impl Fn(Kind) -> Incident) -> Incident {
    let child = |label: &otp_core::Label| Some(cut(label.to_string(), 256));
    match event {
        SupervisorEvent::Restarted { supervisor, child: id, pid, reason, .. } => Incident {
            pid: pid.map(|pid| pid.to_string()),
            label: child(id),
            parent: Some(supervisor.to_string()),
            reason: cut(reason.to_string(), TEXT),
            about: *pid,
            ..blank(Kind::Restart)
        },
        SupervisorEvent::RestartFailed { supervisor, child: id, error, .. } => Incident {
            label: child(id),
            parent: Some(supervisor.to_string()),
            reason: cut(error.to_string(), TEXT),
            about: Some(*supervisor),
            ..blank(Kind::RestartFailed)
        },
        SupervisorEvent::ChildGaveUp { supervisor, child: id, reason, .. }
        | SupervisorEvent::GaveUp { supervisor, child: id, reason, .. } => Incident {
            label: child(id),
            parent: Some(supervisor.to_string()),
            reason: cut(reason.to_string(), TEXT),
            about: Some(*supervisor),
            ..blank(Kind::GaveUp)
        },
        other => Incident { reason: cut(other.to_string(), TEXT), ..blank(Kind::Application) },
    }
}

//! A process in a list.

use std::sync::Arc;

use otp_core::behaviour::cut;
use otp_core::{Label, Pid, ProcessSummary, Status, System};
use otp_supervisor::{ChildInfo, ChildKind, ChildState, Restart, Strategy, Supervision};
use serde::Serialize;

use super::ms;
use crate::eyes::Eyes;
use crate::incidents::{Incident, Kind};
use crate::look::Look;

/// A process in a list.
#[derive(Serialize)]
pub(super) struct Row {
    pub(super) pid: Option<String>,
    pub(super) label: Option<String>,
    pub(super) name: Option<String>,
    #[serde(rename = "type")]
    pub(super) type_name: Option<String>,
    pub(super) status: &'static str,
    /// Whether it is in the middle of something.
    pub(super) busy: bool,
    pub(super) doing: String,
    pub(super) queue: usize,
    pub(super) handled: u64,
    pub(super) age: u64,
    /// How many processes it has started that are still there.
    pub(super) children: usize,
    /// What its supervisor knows of it.
    pub(super) child: Option<Child>,
    /// What it is as a supervisor.
    pub(super) supervisor: Option<About>,
    /// The last restart that made it, or crash in it, within some seconds.
    pub(super) incident: Option<Arc<Incident>>,
    /// The application whose own process it is.
    pub(super) application: Option<String>,
}

/// What a supervisor knows of a child.
#[derive(Serialize)]
pub(super) struct Child {
    id: String,
    state: &'static str,
    kind: &'static str,
    restart: &'static str,
    restarts: u64,
}

/// What a supervisor is.
#[derive(Serialize)]
pub(super) struct About {
    strategy: &'static str,
    dynamic: bool,
    limit: usize,
    period: u64,
    used: usize,
    specs: usize,
}

/// The text of a label, which may be as long as it likes.
pub(super) fn text(label: &Label) -> String {
    cut(label.as_str().to_owned(), 256)
}

impl Row {
    pub(super) fn of(summary: &ProcessSummary, look: &Look) -> Row {
        let activity = &summary.activity;
        Row {
            pid: Some(activity.pid.to_string()),
            label: summary.label.as_ref().map(text),
            name: summary.name.as_ref().map(text),
            type_name: summary.type_name.as_ref().map(text),
            status: status(activity.status),
            busy: activity.is_busy(),
            doing: text(&summary.doing),
            queue: activity.queue,
            handled: activity.handled,
            age: ms(summary.age),
            children: look.children(activity.pid).len(),
            child: None,
            supervisor: None,
            incident: None,
            application: None,
        }
    }

    /// A child that does not run.
    pub(super) fn stopped(child: &ChildInfo) -> Row {
        Row {
            pid: None,
            label: None,
            name: None,
            type_name: None,
            status: "stopped",
            busy: false,
            doing: String::new(),
            queue: 0,
            handled: 0,
            age: 0,
            children: 0,
            child: Some(Child::of(child)),
            supervisor: None,
            incident: None,
            application: None,
        }
    }
}

/// Makes rows of processes; those that have ended are left out.
pub(super) fn rows(eyes: &Eyes, look: &Look, pids: impl IntoIterator<Item = Pid>) -> Vec<(Pid, Row)> {
    let recent = recent(eyes);
    let applications = applications(&eyes.system);
    let rows = pids.into_iter().filter_map(|pid| {
        let summary = eyes.system.summary(pid)?;
        let incident = recent.iter().find(|incident| incident.about == Some(pid)).cloned();
        let application = applications.iter().find(|(master, _)| *master == pid).map(|(_, name)| name.clone());
        Some((pid, Row { incident, application, ..Row::of(&summary, look) }))
    });
    rows.collect()
}

/// The incidents of the last seconds, the last one first.
fn recent(eyes: &Eyes) -> Vec<Arc<Incident>> {
    let now = eyes.system.now();
    let mut recent = eyes.incidents.others();
    recent.extend(eyes.incidents.crashes());
    recent.retain(|incident| now - incident.at < RECENT && incident.kind != Kind::Application);
    recent
}

/// How long an incident is shown at its process.
const RECENT: std::time::Duration = std::time::Duration::from_secs(30);

fn applications(system: &System) -> Vec<(Pid, String)> {
    let all = otp_application::applications(system).into_iter();
    all.filter_map(|application| Some((application.master?, text(&application.name)))).collect()
}

impl Child {
    pub(super) fn of(child: &ChildInfo) -> Child {
        let state = match child.state {
            ChildState::Running(_) => "running",
            ChildState::Restarting(_) => "restarting",
            _ => "stopped",
        };
        let restart = match child.restart {
            Restart::Permanent => "permanent",
            Restart::Transient => "transient",
            _ => "temporary",
        };
        let kind = if child.kind == ChildKind::Supervisor { "supervisor" } else { "worker" };
        Child { id: text(&child.id), state, kind, restart, restarts: child.restarts }
    }
}

impl About {
    pub(super) fn of(supervision: &Supervision) -> About {
        let strategy = match supervision.strategy {
            Strategy::OneForAll => "one_for_all",
            Strategy::RestForOne => "rest_for_one",
            _ => "one_for_one",
        };
        About {
            strategy,
            dynamic: supervision.is_dynamic,
            limit: supervision.limit,
            period: ms(supervision.period),
            used: supervision.used,
            specs: supervision.specs,
        }
    }
}

pub(super) fn status(status: Status) -> &'static str {
    match status {
        Status::Waiting => "waiting",
        Status::Runnable => "runnable",
        Status::Running => "running",
        _ => "exiting",
    }
}

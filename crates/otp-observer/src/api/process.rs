//! One process.

use std::sync::Arc;
use std::time::Duration;

use otp_behaviour::sys::{self, Mode, ProcessStatus, SysEvent, What};
use otp_core::behaviour::cut;
use otp_core::{CallError, Pid, ProcessInfo, RunsOn, System};
use otp_http::Request;
use serde::Serialize;

use super::query::{bad, gone, pid};
use super::row::{About, Row, rows, text};
use super::tree::ask;
use super::{Answer, json, ms};
use crate::eyes::Eyes;
use crate::incidents::Incident;

#[derive(Serialize)]
struct Page {
    process: Row,
    /// Messages received in a second, lately.
    rate: Option<f64>,
    /// For how long it has been doing what it does, at least, in milliseconds.
    since: Option<u64>,
    /// How long the next message has waited, at least, in milliseconds.
    waits: Option<u64>,
    on_thread: bool,
    traps_exits: bool,
    queue_limit: Option<usize>,
    load: Option<String>,
    parent: Option<Peer>,
    ancestors: Vec<Peer>,
    links: Peers,
    monitors: Peers,
    monitored_by: Peers,
    application: Option<String>,
    /// What it says of itself; absent while it does not answer.
    said: Option<Says>,
    crashes: Vec<Arc<Incident>>,
}

#[derive(Serialize)]
pub(super) struct Peer {
    pub(super) pid: String,
    pub(super) label: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Peers {
    pub(super) total: usize,
    pub(super) first: Vec<Peer>,
}

#[derive(Serialize)]
struct Says {
    suspended: bool,
    /// Whether it is traced, or keeps a log or statistics.
    debugged: bool,
    state: Option<String>,
    diagram: Option<&'static str>,
    log: Option<Vec<Line>>,
}

/// What a process did, as a trace shows it.
#[derive(Serialize)]
pub(super) struct Line {
    pub(super) pid: String,
    /// Microseconds on the clock of the system.
    pub(super) at: u64,
    pub(super) what: &'static str,
    pub(super) text: String,
    pub(super) skipped: u64,
}

/// How much of a state is shown.
const STATE: usize = 64 * 1024;
/// How many peers of a kind are listed.
const PEERS: usize = 50;
/// How long a process is waited for.
const PATIENCE: Duration = Duration::from_millis(400);

/// `GET /api/process?pid=`: what a process is and does.
pub(crate) async fn process(eyes: &Arc<Eyes>, request: &Request) -> Answer {
    let pid = pid(request)?.ok_or_else(|| bad("pid is missing"))?;
    let look = eyes.look().await;
    let system = &eyes.system;
    let summary = system.summary(pid).ok_or_else(|| gone(pid))?;
    let info = system.info(pid).ok_or_else(|| gone(pid))?;
    // Before it is asked: what it says it would say while it runs.
    let (_, row) = rows(eyes, &look, [pid]).pop().ok_or_else(|| gone(pid))?;
    let lately = eyes.watched.see(system.now(), summary.activity);
    let said = eyes.turns.ask(pid, PATIENCE, Said::ask(system.clone(), pid)).await;
    if let Some(Err(CallError::NoProc { .. } | CallError::Exited { .. })) = said.as_ref().map(|said| &said.status) {
        return Err(gone(pid));
    }
    let about = ask(eyes, &summary, Vec::new()).await;
    let peer = |pid: &Pid| Peer {
        pid: pid.to_string(),
        label: system.summary(*pid).and_then(|one| one.label.as_ref().map(text)),
    };
    let peers = |pids: &[Pid]| Peers { total: pids.len(), first: pids.iter().take(PEERS).map(peer).collect() };
    let page = Page {
        process: Row { supervisor: about.as_ref().map(About::of), ..row },
        rate: lately.rate,
        since: lately.since.map(ms),
        waits: lately.waits.map(ms),
        on_thread: info.on == RunsOn::Thread,
        traps_exits: info.traps_exits,
        queue_limit: info.queue_limit,
        load: info.load.as_ref().map(|load| format!("{load:?}")),
        parent: (info.parent != Pid::SYSTEM).then(|| peer(&info.parent)),
        ancestors: info.ancestors.iter().take(PEERS).map(peer).collect(),
        links: peers(&info.links),
        monitors: peers(&info.monitors),
        monitored_by: peers(&info.monitored_by),
        application: otp_application::application_of(system, pid).as_ref().map(text),
        said: said.as_ref().and_then(Says::of),
        crashes: crashes(eyes, &info),
    };
    json(&page)
}

/// The crashes of this process, and of those that its parent has started under the same label.
fn crashes(eyes: &Eyes, info: &ProcessInfo) -> Vec<Arc<Incident>> {
    let (parent, label) = (Some(info.parent.to_string()), info.label.as_ref().map(text));
    let mut crashes = eyes.incidents.crashes();
    crashes.retain(|crash| {
        crash.about == Some(info.pid) || label.is_some() && (&crash.parent, &crash.label) == (&parent, &label)
    });
    crashes.truncate(20);
    crashes
}

/// What a process says of itself.
struct Said {
    status: Result<ProcessStatus, CallError>,
    /// What it handled last, if it keeps that.
    log: Option<Vec<SysEvent>>,
}

impl Said {
    async fn ask(system: System, pid: Pid) -> Said {
        let status = sys::status(&system, pid).no_timeout().await;
        let log = match &status {
            Ok(status) if status.debug => sys::log(&system, pid).no_timeout().await.ok().flatten(),
            _ => None,
        };
        Said { status, log }
    }
}

impl Says {
    fn of(said: &Said) -> Option<Says> {
        let status = said.status.as_ref().ok()?;
        Some(Says {
            suspended: status.mode == Mode::Suspended,
            debugged: status.debug,
            state: status.state.clone().map(|state| cut(state, STATE)),
            diagram: status.diagram,
            log: said.log.as_ref().map(|log| log.iter().map(Line::of).collect()),
        })
    }
}

impl Line {
    pub(super) fn of(event: &SysEvent) -> Line {
        let (what, text) = match &event.what {
            What::In(text) => ("in", text),
            What::Out(text) => ("out", text),
            What::State(text) => ("state", text),
            _ => return Line { pid: String::new(), at: 0, what: "other", text: String::new(), skipped: 0 },
        };
        Line {
            pid: event.process.to_string(),
            at: event.at.as_nanos() / 1000,
            what,
            text: text.to_string(),
            skipped: event.skipped,
        }
    }
}

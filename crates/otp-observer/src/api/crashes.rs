//! What went wrong.

use std::collections::HashMap;
use std::sync::Arc;

use otp_core::{Pid, System};
use serde::Serialize;

use super::process::{Peer, Peers};
use super::row::text;
use super::{Answer, json};
use crate::eyes::Eyes;
use crate::incidents::Incident;
use crate::look::Look;

#[derive(Serialize)]
struct Crashes {
    /// Since the observer was first started.
    crashes: u64,
    restarts: u64,
    list: Vec<Crash>,
    /// What supervisors and applications did.
    others: Vec<Arc<Incident>>,
}

#[derive(Serialize)]
struct Crash {
    #[serde(flatten)]
    incident: Arc<Incident>,
    /// How many crashes of the list are of the same spec.
    same: usize,
    /// The children of the same spec that run now.
    running: Peers,
}

/// What tells a spec from others: the process that started its children, and their label.
type Spec = (Option<String>, Option<String>);

/// How many children of a parent are looked through for those of a spec.
const CHILDREN: usize = 200;
/// How many children of a spec are listed.
const LISTED: usize = 5;

/// `GET /api/crashes`: the last crashes and restarts, the last one first.
pub(crate) async fn crashes(eyes: &Arc<Eyes>) -> Answer {
    let look = eyes.look().await;
    let (list, others) = (eyes.incidents.crashes(), eyes.incidents.others());
    let (crashes, restarts) = eyes.incidents.totals();
    let list = eyes.alone(move |system| with_children(system, &look, list)).await.unwrap_or_default();
    json(&Crashes { crashes, restarts, list, others })
}

fn with_children(system: &System, look: &Look, list: Vec<Arc<Incident>>) -> Vec<Crash> {
    let mut specs: HashMap<Spec, (usize, Vec<Pid>)> = HashMap::new();
    for crash in &list {
        let (same, _) = specs.entry(spec(crash)).or_insert_with(|| (0, children(system, look, crash)));
        *same += 1;
    }
    let crash = |incident: Arc<Incident>| {
        let (same, running) = &specs[&spec(&incident)];
        let peer = |pid: &Pid| Peer { pid: pid.to_string(), label: incident.label.clone() };
        let running = Peers { total: running.len(), first: running.iter().take(LISTED).map(peer).collect() };
        Crash { same: *same, running, incident }
    };
    list.into_iter().map(crash).collect()
}

fn spec(crash: &Incident) -> Spec {
    (crash.parent.clone(), crash.label.clone())
}

/// The children of the spec of a crashed one, among the first of its parent.
fn children(system: &System, look: &Look, crash: &Incident) -> Vec<Pid> {
    let parent = crash.parent.as_ref().and_then(|parent| parent.parse().ok());
    let (Some(parent), Some(label)) = (parent, &crash.label) else { return Vec::new() };
    let is_same = |pid: &Pid| system.label(*pid).is_some_and(|its| text(&its) == *label);
    look.children(parent).take(CHILDREN).filter(is_same).collect()
}

//! What went wrong.

use std::sync::Arc;

use serde::Serialize;

use super::{Answer, json};
use crate::eyes::Eyes;
use crate::incidents::Incident;

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
    /// How many crashes of the list are of the same parent and label.
    same: usize,
}

/// `GET /api/crashes`: the last crashes and restarts, the last one first.
pub(crate) fn crashes(eyes: &Eyes) -> Answer {
    let list = eyes.incidents.crashes();
    let (crashes, restarts) = eyes.incidents.totals();
    let is_same = |one: &Incident, other: &Incident| (&one.parent, &one.label) == (&other.parent, &other.label);
    let same = |one: &Arc<Incident>| list.iter().filter(|other| is_same(one, other)).count();
    let shown = list.iter().map(|one| Crash { incident: one.clone(), same: same(one) }).collect();
    json(&Crashes { crashes, restarts, list: shown, others: eyes.incidents.others() })
}

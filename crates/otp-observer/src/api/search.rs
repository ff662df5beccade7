//! Finding processes by what they are called.

use std::sync::Arc;

use otp_core::{Pid, System};
use otp_http::Request;
use serde::Serialize;

use super::query::{bad, number};
use super::row::{Row, rows};
use super::{Answer, json};
use crate::eyes::Eyes;

#[derive(Serialize)]
struct Found {
    rows: Vec<Row>,
    /// Whether there are more, which were not looked for.
    more: bool,
}

/// `GET /api/search?q=&limit=`: the processes whose name, label, type or pid contains a text, in any case.
pub(crate) async fn search(eyes: &Arc<Eyes>, request: &Request) -> Answer {
    let wanted = request.query("q").unwrap_or_default().trim().to_lowercase();
    let limit = number(request, "limit", 50_usize)?.clamp(1, 200);
    if wanted.is_empty() || wanted.len() > 200 {
        return Err(bad("q is a text of up to 200 bytes"));
    }
    let look = eyes.look().await;
    let found = eyes.searches.find(move |system| matches(system, &wanted, limit + 1)).await;
    let found = found.as_ref().map_or(&[][..], |found| found.as_slice());
    let more = found.len() > limit;
    let rows = rows(eyes, &look, found.iter().copied().take(limit));
    json(&Found { rows: rows.into_iter().map(|(_, row)| row).collect(), more })
}

fn matches(system: &System, wanted: &str, limit: usize) -> Vec<Pid> {
    let is_wanted = |pid: &Pid| {
        let Some(summary) = system.summary(*pid) else { return false };
        let texts = [&summary.label, &summary.name, &summary.type_name];
        let contains = |text: &str| text.to_lowercase().contains(wanted);
        texts.into_iter().flatten().any(|text| contains(text.as_str())) || pid.to_string().contains(wanted)
    };
    system.processes().into_iter().filter(is_wanted).take(limit).collect()
}

//! The busiest processes.

use std::sync::Arc;

use otp_http::Request;
use serde::Serialize;

use super::query::bad;
use super::row::{Row, rows};
use super::{Answer, json, ms};
use crate::eyes::Eyes;

#[derive(Serialize)]
struct Busiest {
    by: String,
    /// How long ago the processes were looked at, in milliseconds.
    looked: u64,
    rows: Vec<One>,
}

#[derive(Serialize)]
struct One {
    figure: f64,
    #[serde(flatten)]
    row: Row,
}

/// `GET /api/top?by=messages|queue|runs|time|busy`: up to 50 processes, the busiest first.
pub(crate) async fn top(eyes: &Arc<Eyes>, request: &Request) -> Answer {
    let by = request.query("by").unwrap_or_else(|| "messages".to_owned());
    let look = eyes.look().await;
    let busiest = match by.as_str() {
        "messages" => look.top.messages.clone(),
        "queue" => look.top.queue.clone(),
        "runs" => look.top.runs.clone(),
        "time" => eyes.run_times.busiest(),
        "busy" => look.top.busy.clone(),
        _ => return Err(bad("by is messages, queue, runs, time or busy")),
    };
    let found = rows(eyes, &look, busiest.iter().map(|(pid, _)| *pid));
    let figure = |pid| busiest.iter().find(|(one, _)| *one == pid).map_or(0.0, |(_, figure)| *figure);
    let rows = found.into_iter().map(|(pid, row)| One { figure: figure(pid), row }).collect();
    json(&Busiest { by, looked: ms(eyes.system.now() - look.at), rows })
}

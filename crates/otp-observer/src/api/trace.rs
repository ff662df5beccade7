//! What some processes handle and answer, as it happens; for those who know the token.

use std::time::Duration;

use futures::StreamExt;
use futures::future::join_all;
use futures::stream::select_all;
use otp_behaviour::sys::{self, Limit};
use otp_http::{Request, Response, ServerSentEvent, StatusCode};

use super::Answer;
use super::process::Line;
use super::query::{bad, number, pids};
use crate::eyes::Eyes;
use crate::guard::refused;

/// How many processes are traced together, at most.
const PROCESSES: usize = 12;
/// The most events of a process, in all and in a second, and for how many seconds.
const MOST: (u64, u64, u64) = (2000, 200, 300);
/// How long a process is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// `POST /api/trace?pid=&pid=…&events=&per_second=&seconds=`, with the token: server-sent events, one for each step of the
/// processes. The traces end with the stream, with their limits, and with the processes.
pub(crate) async fn trace(eyes: &Eyes, request: &Request) -> Answer {
    eyes.guard.check_token(request)?;
    let pids = pids(request)?;
    if pids.is_empty() || pids.len() > PROCESSES {
        return Err(bad(&format!("give from 1 to {PROCESSES} pids")));
    }
    let limit = Limit::new()
        .events(number(request, "events", 200)?.clamp(1, MOST.0))
        .per_second(number(request, "per_second", 100)?.clamp(1, MOST.1))
        .within(Duration::from_secs(number(request, "seconds", 30)?.clamp(1, MOST.2)));
    let traces = pids.iter().map(async |pid| sys::trace(&eyes.system, *pid, limit.clone()).timeout(PATIENCE).await);
    let traces: Result<Vec<_>, _> = join_all(traces).await.into_iter().collect();
    let traces = traces.map_err(|error| refused(StatusCode::CONFLICT, &error.to_string()))?;
    let events = select_all(traces).filter_map(async |event| {
        let json = serde_json::to_string(&Line::of(&event)).ok()?;
        Some(ServerSentEvent::new(json))
    });
    Ok(Response::events(events))
}

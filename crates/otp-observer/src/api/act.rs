//! What changes a process; for those who know the token.

use std::time::Duration;

use otp_behaviour::sys;
use otp_core::ExitReason;
use otp_http::Request;
use serde::Serialize;

use super::query::{bad, gone, pid};
use super::{Answer, json};
use crate::eyes::Eyes;
use crate::guard::refused;

#[derive(Serialize)]
struct Done {
    done: bool,
}

/// How long a process is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// How many events a log keeps.
const LOG: usize = 50;

/// `POST /api/act?pid=&do=suspend|resume|log|no_debug|shutdown|kill`, with the token.
pub(crate) async fn act(eyes: &Eyes, request: &Request) -> Answer {
    eyes.guard.check_token(request)?;
    let pid = pid(request)?.ok_or_else(|| bad("pid is missing"))?;
    let system = &eyes.system;
    if !system.is_alive(pid) {
        return Err(gone(pid));
    }
    let done = match request.query("do").unwrap_or_default().as_str() {
        "suspend" => sys::suspend(system, pid).timeout(PATIENCE).await,
        "resume" => sys::resume(system, pid).timeout(PATIENCE).await,
        "log" => sys::keep_log(system, pid, LOG).timeout(PATIENCE).await,
        "no_debug" => sys::no_debug(system, pid).timeout(PATIENCE).await,
        "shutdown" => {
            system.exit(pid, ExitReason::Shutdown);
            Ok(())
        }
        "kill" => {
            system.exit(pid, ExitReason::Kill);
            Ok(())
        }
        _ => return Err(bad("do is suspend, resume, log, no_debug, shutdown or kill")),
    };
    match done {
        Ok(()) => json(&Done { done: true }),
        Err(error) => Err(refused(otp_http::StatusCode::CONFLICT, &error.to_string())),
    }
}

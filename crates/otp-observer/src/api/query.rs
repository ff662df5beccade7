//! What a request asks for.

use std::str::FromStr;

use otp_core::Pid;
use otp_core::behaviour::cut;
use otp_http::{Request, Response, StatusCode};

use crate::guard::refused;

/// Returns a parameter, or its default.
pub(super) fn number<T: FromStr>(request: &Request, name: &str, default: T) -> Result<T, Response> {
    match request.query(name) {
        None => Ok(default),
        Some(text) => text.parse().map_err(|_| bad(&format!("{name} is no such number: {}", cut(text, 40)))),
    }
}

/// Returns the parameter `pid`, if there is one.
pub(super) fn pid(request: &Request) -> Result<Option<Pid>, Response> {
    request.query("pid").map(parse).transpose()
}

/// Returns all parameters `pid`.
pub(super) fn pids(request: &Request) -> Result<Vec<Pid>, Response> {
    request.queries().filter(|(name, _)| name == "pid").map(|(_, text)| parse(text)).collect()
}

/// A request that makes no sense.
pub(super) fn bad(why: &str) -> Response {
    refused(StatusCode::BAD_REQUEST, why)
}

/// The answer about a process that has ended.
pub(super) fn gone(pid: Pid) -> Response {
    refused(StatusCode::NOT_FOUND, &format!("there is no process {pid}"))
}

fn parse(text: String) -> Result<Pid, Response> {
    cut(text, 40).parse().map_err(|error: otp_core::ParsePidError| bad(&error.to_string()))
}

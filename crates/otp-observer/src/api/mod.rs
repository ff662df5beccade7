//! The JSON behind the page; documented in `docs/observer.md`.

mod act;
mod crashes;
mod events;
mod process;
mod query;
mod row;
mod search;
mod system;
mod top;
mod trace;
mod tree;

use otp_http::Response;
use serde::Serialize;

pub(crate) use act::act;
pub(crate) use crashes::crashes;
pub(crate) use events::events;
pub(crate) use process::process;
pub(crate) use search::search;
pub(crate) use system::{Lists, system};
pub(crate) use top::top;
pub(crate) use trace::trace;
pub(crate) use tree::tree;

/// An answer, or the refusal of a request.
type Answer = Result<Response, Response>;

fn json(value: &impl Serialize) -> Answer {
    // Plain data with texts as keys: it can be written.
    Ok(Response::json(serde_json::to_string(value).expect("plain data")))
}

/// Milliseconds.
fn ms(time: std::time::Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

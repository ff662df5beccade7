//! What it costs to look into a server: a call, while somebody does.

use std::time::Instant;

use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::workloads::call::Servers;

/// A server that can be looked into.
pub trait Watched: Servers {
    /// Has the server watched, from now on.
    fn watch(&self, server: &Self::Server, how: How) -> impl Future<Output = ()> + Send;
}

/// How a server is watched.
#[derive(Clone, Copy)]
pub enum How {
    NotAnyMore,
    Counted,
    Logged,
    Traced,
    /// All servers, by metrics of calls, messages and waits.
    Measured,
    /// All servers, by a span for each message.
    Spanned,
}

const fn case(rows: &'static [Row]) -> Case {
    Case { rows, least: 1_000, most: 10_000_000, rounds: usize::MAX }
}

const fn row(variant: &'static str, what: &'static str) -> Row {
    Row { workload: "watched", variant, what, unit: Unit::Nanoseconds }
}

static NOT_ANY_MORE: Case = case(&[row("no-more", "as `call`, of a server that was watched before")]);
static COUNTED: Case = case(&[row("statistics", "as `call`, of a server that counts its messages")]);
static LOGGED: Case = case(&[row("log", "as `call`, of a server that keeps its last hundred events")]);
static TRACED: Case = case(&[row("trace", "as `call`, of a server whose events go to a function")]);

static MEASURED: Case = case(&[row("metrics", "as `call`, of a system that reports metrics")]);
static SPANNED: Case = case(&[row("spans", "as `call`, of a system that opens a span for each message")]);

pub fn entrants<S: Watched>() -> Vec<Entrant> {
    vec![
        NOT_ANY_MORE.of(|system: S, calls| watched(system, calls, How::NotAnyMore)),
        COUNTED.of(|system: S, calls| watched(system, calls, How::Counted)),
        LOGGED.of(|system: S, calls| watched(system, calls, How::Logged)),
        TRACED.of(|system: S, calls| watched(system, calls, How::Traced)),
        MEASURED.of(|system: S, calls| watched(system, calls, How::Measured)),
        SPANNED.of(|system: S, calls| watched(system, calls, How::Spanned)),
    ]
}

async fn watched<S: Watched>(system: S, calls: u64, how: How) -> f64 {
    let server = system.start_server().await;
    system.watch(&server, how).await;
    let start = Instant::now();
    let mut sum = 0;
    for _ in 0..calls {
        sum = S::call(&server, 1).await;
    }
    let time = start.elapsed();
    assert_eq!(sum, calls, "every call was handled once");
    per_op(time, calls)
}

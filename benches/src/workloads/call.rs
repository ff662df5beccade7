//! One client, one server: a call, its reply.

use std::time::{Duration, Instant};

use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::system::System;

/// How long a call waits where it has a limit: OTP's default.
pub const LIMIT: Duration = Duration::from_secs(5);

/// A server whose state is the sum of what it was told to add: eight bytes.
pub trait Servers: System {
    type Server: Clone + Send + Sync + 'static;

    /// Starts a server, and returns when it answers.
    fn start_server(&self) -> impl Future<Output = Self::Server> + Send;

    /// Adds `n` and returns the sum; fails after [`LIMIT`], by the means that the system has for it.
    fn call(server: &Self::Server, n: u64) -> impl Future<Output = u64> + Send;

    /// As `call`, without any limit.
    fn call_unlimited(server: &Self::Server, n: u64) -> impl Future<Output = u64> + Send;
}

static CALL: Case = Case {
    rows: &[Row {
        workload: "call",
        variant: "",
        what: "one client, one server; five seconds to answer",
        unit: Unit::Nanoseconds,
    }],
    least: 1_000,
    most: 10_000_000,
    rounds: usize::MAX,
};

static NO_TIMEOUT: Case = Case {
    rows: &[Row {
        workload: "call",
        variant: "no-timeout",
        what: "as `call`, without a limit",
        unit: Unit::Nanoseconds,
    }],
    ..CALL
};

static OUTSIDE: Case = Case {
    rows: &[Row {
        workload: "call",
        variant: "outside",
        what: "as `call`, from a task of the executor that is no process",
        unit: Unit::Nanoseconds,
    }],
    ..CALL
};

pub fn entrants<S: Servers>() -> Vec<Entrant> {
    vec![CALL.of(limited::<S>), NO_TIMEOUT.of(unlimited::<S>)]
}

/// For systems whose clients are more than tasks.
pub fn from_outside<S: Servers + Outside>() -> Vec<Entrant> {
    vec![OUTSIDE.of(outside::<S>)]
}

/// Clients that are only tasks.
pub trait Outside: System {
    fn task<T, F>(&self, task: F) -> impl Future<Output = T> + Send
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static;
}

pub async fn limited<S: Servers>(system: S, calls: u64) -> f64 {
    let server = system.start_server().await;
    let start = Instant::now();
    let mut sum = 0;
    for _ in 0..calls {
        sum = S::call(&server, 1).await;
    }
    let time = start.elapsed();
    assert_eq!(sum, calls, "every call was handled once");
    per_op(time, calls)
}

async fn unlimited<S: Servers>(system: S, calls: u64) -> f64 {
    let server = system.start_server().await;
    let start = Instant::now();
    let mut sum = 0;
    for _ in 0..calls {
        sum = S::call_unlimited(&server, 1).await;
    }
    let time = start.elapsed();
    assert_eq!(sum, calls, "every call was handled once");
    per_op(time, calls)
}

async fn outside<S: Servers + Outside>(system: S, calls: u64) -> f64 {
    system.task(limited(system.clone(), calls)).await
}

//! One client calls eight servers whose handlers compute: at the same time, and one after the other.

use std::hint::black_box;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use futures::future::join_all;

use crate::case::{Case, Entrant, Row, Unit, per_op};
use crate::system::System;

/// A server whose handler calls [`burn`].
pub trait Burners: System {
    type Burner: Clone + Send + Sync + 'static;

    /// Starts the `place`-th of them, where a system has to be told where its servers run.
    fn start_burner(&self, place: u64) -> impl Future<Output = Self::Burner> + Send;

    /// Calls it; fails after [`LIMIT`](super::call::LIMIT).
    fn call_burner(burner: &Self::Burner) -> impl Future<Output = u64> + Send;
}

pub const SERVERS: u64 = 8;
pub const BURN: Duration = Duration::from_micros(200);

static FAN_OUT: Case = Case {
    rows: &[
        Row {
            workload: "call-fan-out",
            variant: "together",
            what: "one client joins calls of eight servers whose handlers each compute for 200 µs; time for all eight",
            unit: Unit::Nanoseconds,
        },
        Row {
            workload: "call-fan-out",
            variant: "in-turn",
            what: "the same calls, one after the other",
            unit: Unit::Nanoseconds,
        },
    ],
    least: 5,
    most: 1_000,
    rounds: usize::MAX,
};

pub fn entrants<S: Burners>() -> Vec<Entrant> {
    vec![FAN_OUT.of(round::<S>)]
}

async fn round<S: Burners>(system: S, times: u64) -> [f64; 2] {
    let mut servers = Vec::new();
    for place in 0..SERVERS {
        servers.push(system.start_burner(place).await);
    }
    let start = Instant::now();
    for _ in 0..times {
        join_all(servers.iter().map(S::call_burner)).await;
    }
    let together = start.elapsed();
    let start = Instant::now();
    for _ in 0..times {
        for server in &servers {
            S::call_burner(server).await;
        }
    }
    let in_turn = start.elapsed();
    [per_op(together, times), per_op(in_turn, times)]
}

/// Computes for about [`BURN`]: always the same work, however many share a core.
pub fn burn() -> u64 {
    static STEPS: OnceLock<u64> = OnceLock::new();
    compute(*STEPS.get_or_init(calibrate))
}

/// How many steps take [`BURN`] on this machine, undisturbed.
fn calibrate() -> u64 {
    const TRY: u64 = 100_000;
    let time = |_| {
        let start = Instant::now();
        compute(TRY);
        start.elapsed()
    };
    let best = (0..50).map(time).min().unwrap_or(BURN);
    (TRY as f64 * BURN.as_secs_f64() / best.as_secs_f64()) as u64
}

fn compute(steps: u64) -> u64 {
    (0..steps).fold(1, |x: u64, step| black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(step)))
}

//! What the library is to reach, and whether it does.

use crate::case::{Id, Unit};
use crate::run::Measured;
use crate::table::scaled;

const OTP: Id = Id { name: "otp", backend: "tokio" };
const RAW: Id = Id { name: "raw", backend: "tokio" };
const OTP_ON_SMOL: Id = Id { name: "otp", backend: "smol" };
const RAW_SMOL: Id = Id { name: "raw", backend: "smol" };
const RACTOR: Id = Id { name: "ractor", backend: "tokio" };
const KAMEO: Id = Id { name: "kameo", backend: "tokio" };
const BEAM: Id = Id { name: "beam", backend: "erts" };

/// At most so many times what another figure is.
struct Goal {
    row: &'static str,
    system: Id,
    than_row: &'static str,
    than: Id,
    at_most: f64,
}

const fn goal(row: &'static str, system: Id, than: Id, at_most: f64) -> Goal {
    Goal { row, system, than_row: row, than, at_most }
}

/// Of one row of our own, compared with another.
const fn within(row: &'static str, than_row: &'static str, at_most: f64) -> Goal {
    Goal { row, system: OTP, than_row, than: OTP, at_most }
}

const GOALS: &[Goal] = &[
    goal("call", OTP, RAW, 0.25),
    goal("call", OTP, RACTOR, 0.2),
    goal("call", OTP, KAMEO, 0.2),
    goal("call", OTP, BEAM, 0.15),
    goal("call/no-timeout", OTP, RAW, 0.5),
    goal("call-busy/8-clients", OTP, RAW, 0.8),
    goal("call-busy/timer", OTP, RAW, 0.8),
    within("call-fan-out/together", "call-fan-out/in-turn", 1.0 / 1.8),
    goal("cast/1-producer", OTP, RAW, 0.6),
    goal("cast/4-producers", OTP, RAW, 0.6),
    goal("ping-pong", OTP, RAW, 0.8),
    goal("ring", OTP, RAW, 0.8),
    goal("spawn", OTP, RAW, 0.3),
    goal("spawn", OTP, BEAM, 0.5),
    goal("spawn/at-once", OTP, RAW, 0.3),
    goal("spawn/at-once", OTP, BEAM, 0.5),
    within("restart/one", "spawn/server", 2.0),
    goal("restart/one", OTP, BEAM, 0.5),
    within("selective/16k", "selective/0", 2.0),
    within("names/register-1M", "names/register-1k", 2.0),
    within("names/lookup-1M", "names/lookup-1k", 2.0),
    within("names/end-1M", "names/end-1k", 2.0),
    goal("registry/register-1k", OTP, BEAM, 0.5),
    goal("registry/register-1M", OTP, BEAM, 0.5),
    goal("registry/lookup-1k", OTP, BEAM, 0.5),
    goal("registry/lookup-1M", OTP, BEAM, 0.5),
    goal("registry/end-1k", OTP, BEAM, 0.5),
    goal("registry/end-1M", OTP, BEAM, 0.5),
    goal("registry/lookup-1k", OTP, RAW, 1.2),
    goal("registry/lookup-1M", OTP, RAW, 1.2),
    goal("table/lookup-1k", OTP, BEAM, 0.2),
    goal("table/lookup-1M", OTP, BEAM, 0.2),
    goal("table/lookup-2-threads-1k", OTP, BEAM, 0.2),
    goal("table/lookup-2-threads-1M", OTP, BEAM, 0.2),
    goal("table/lookup-1k", OTP, RAW, 1.25),
    goal("table/lookup-1M", OTP, RAW, 1.25),
    goal("table/lookup-2-threads-1k", OTP, RAW, 1.25),
    goal("table/lookup-2-threads-1M", OTP, RAW, 1.25),
    within("overload/shedding", "overload/capacity", 1.0 / 0.9),
    within("timers/arm-1M", "timers/arm-1k", 2.0),
    within("timers/cancel-1M", "timers/cancel-1k", 2.0),
    goal("call", OTP_ON_SMOL, RAW_SMOL, 0.25),
    goal("call/no-timeout", OTP_ON_SMOL, RAW_SMOL, 0.5),
    goal("call-busy/8-clients", OTP_ON_SMOL, RAW_SMOL, 0.8),
    goal("call-busy/timer", OTP_ON_SMOL, RAW_SMOL, 0.8),
    goal("cast/1-producer", OTP_ON_SMOL, RAW_SMOL, 0.6),
    goal("cast/4-producers", OTP_ON_SMOL, RAW_SMOL, 0.6),
    goal("ping-pong", OTP_ON_SMOL, RAW_SMOL, 0.8),
    goal("ring", OTP_ON_SMOL, RAW_SMOL, 0.8),
    goal("spawn", OTP_ON_SMOL, RAW_SMOL, 0.3),
    goal("spawn/at-once", OTP_ON_SMOL, RAW_SMOL, 0.3),
];

/// Bytes for each idle server.
const MEMORY: f64 = 640.0;

/// A goal that was measured.
pub struct Outcome {
    pub what: String,
    pub goal: String,
    pub measured: String,
    pub is_met: bool,
}

/// The goals of which `results` has all figures.
pub fn outcomes(results: &[Measured]) -> Vec<Outcome> {
    let figure = |row: &str, system| {
        let found = results.iter().find(|result| result.row.name() == row && result.system == system);
        found.map(Measured::median)
    };
    let ratios = GOALS.iter().filter_map(|goal| {
        let ratio = figure(goal.row, goal.system)? / figure(goal.than_row, goal.than)?;
        let than = if goal.than == goal.system { goal.than_row.to_owned() } else { goal.than.to_string() };
        Some(Outcome {
            what: format!("{}, {}", goal.row, goal.system),
            goal: format!("≤ {:.2} × {than}", goal.at_most),
            measured: format!("{ratio:.2} ×"),
            is_met: ratio <= goal.at_most,
        })
    });
    let memory = ["memory/1k", "memory/100k", "memory/1M"].into_iter().filter_map(|row| {
        let bytes = figure(row, OTP)?;
        Some(Outcome {
            what: format!("{row}, {OTP}"),
            goal: format!("≤ {}", scaled(MEMORY, Unit::Bytes)),
            measured: scaled(bytes, Unit::Bytes),
            is_met: bytes <= MEMORY,
        })
    });
    ratios.chain(memory).collect()
}

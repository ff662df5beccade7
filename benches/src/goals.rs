//! What the library is to reach, and whether it does.

use crate::case::Id;
use crate::run::Measured;
use crate::table::scaled;
use crate::threads::{self, CONTROL};

const OTP: Id = Id { name: "otp", backend: "tokio" };
const RAW: Id = Id { name: "raw", backend: "tokio" };
const OTP_ON_ONE: Id = Id { name: "otp", backend: "tokio-current" };
const OTP_ON_SMOL: Id = Id { name: "otp", backend: "smol" };
const RAW_SMOL: Id = Id { name: "raw", backend: "smol" };
const RACTOR: Id = Id { name: "ractor", backend: "tokio" };
const KAMEO: Id = Id { name: "kameo", backend: "tokio" };
const RUSM: Id = Id { name: "rusm-otp", backend: "tokio" };
const BEAM: Id = Id { name: "beam", backend: "erts" };

/// A limit of one figure.
struct Goal {
    row: &'static str,
    system: Id,
    at_most: AtMost,
    /// Whether it is told how many rounds were slow: a row that has two modes.
    tells_slow: bool,
}

enum AtMost {
    /// So many times another figure.
    Times(f64, &'static str, Id),
    /// So many times the best of other systems that have two threads.
    TimesBest(f64),
    Figure(f64),
}

const fn goal(row: &'static str, system: Id, than: Id, at_most: f64) -> Goal {
    Goal { row, system, at_most: AtMost::Times(at_most, row, than), tells_slow: false }
}

/// Of one row of our own, compared with another.
const fn within(row: &'static str, than_row: &'static str, at_most: f64) -> Goal {
    Goal { row, system: OTP, at_most: AtMost::Times(at_most, than_row, OTP), tells_slow: false }
}

const fn than_best(row: &'static str, at_most: f64) -> Goal {
    Goal { row, system: OTP, at_most: AtMost::TimesBest(at_most), tells_slow: false }
}

const fn figure(row: &'static str, at_most: f64) -> Goal {
    Goal { row, system: OTP, at_most: AtMost::Figure(at_most), tells_slow: false }
}

const GOALS: &[Goal] = &[
    goal("call", OTP, RAW, 0.25),
    goal("call", OTP, RACTOR, 0.2),
    goal("call", OTP, KAMEO, 0.2),
    goal("call", OTP, BEAM, 0.15),
    goal("call/no-timeout", OTP, RAW, 0.5),
    goal("call-busy/8-clients", OTP, RAW, 0.8),
    goal("call-busy/timer", OTP, RAW, 1.0),
    within("call-fan-out/together", "call-fan-out/in-turn", 1.0 / 1.8),
    Goal { tells_slow: true, ..goal("cast/1-producer", OTP, RAW, 1.1) },
    goal("cast/4-producers", OTP, RAW, 0.6),
    goal("ping-pong", OTP, RAW, 0.85),
    goal("ring", OTP, RAW, 0.85),
    goal("spawn", OTP, RAW, 1.3),
    goal("spawn", OTP, BEAM, 0.5),
    goal("spawn/at-once", OTP, RAW, 1.3),
    goal("spawn/at-once", OTP, BEAM, 0.5),
    goal("spawn/server", OTP, RAW, 1.3),
    goal("spawn/server", OTP, KAMEO, 0.2),
    goal("restart/one", OTP, KAMEO, 0.4),
    goal("restart/one", OTP, BEAM, 0.5),
    goal("restart/all", OTP, RUSM, 1.0),
    goal("restart/all", OTP, KAMEO, 0.55),
    than_best("restart/terminate", 0.8),
    goal("restart/terminate", OTP, OTP_ON_ONE, 1.0),
    within("selective/16k", "selective/0", 2.0),
    than_best("names/register-1M", 1.0),
    than_best("names/lookup-1M", 1.0),
    than_best("names/end-1M", 1.0),
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
    goal("call-busy/timer", OTP_ON_SMOL, RAW_SMOL, 1.0),
    Goal { tells_slow: true, ..goal("cast/1-producer", OTP_ON_SMOL, RAW_SMOL, 0.6) },
    goal("cast/4-producers", OTP_ON_SMOL, RAW_SMOL, 0.6),
    goal("ping-pong", OTP_ON_SMOL, RAW_SMOL, 0.4),
    goal("ring", OTP_ON_SMOL, RAW_SMOL, 0.25),
    goal("spawn", OTP_ON_SMOL, RAW_SMOL, 1.3),
    goal("spawn/at-once", OTP_ON_SMOL, RAW_SMOL, 1.3),
    figure("memory/1k", 700.0),
    figure("memory/100k", 640.0),
    figure("memory/1M", 640.0),
    figure("idle-wake-ups", 0.0),
    goal("idle-threads", OTP, RAW, 1.0),
];

/// How many times as much two threads do as one, at least: where a computation shows that the machine has two.
const TWO_THREADS: f64 = 1.8;
const CONTROL_SHOWS: f64 = 1.9;
/// Where it does not: so much of what the computation reaches.
const OF_CONTROL: f64 = 0.9;
/// All threads ask for the same name, whose holder counts its references.
const ONE_NAME: (&str, f64) = ("lookup-hot", 0.6);

/// A goal that was measured.
pub struct Outcome {
    pub what: String,
    pub goal: String,
    pub measured: String,
    pub is_met: bool,
}

/// The goals of which `results` has all figures.
pub fn outcomes(results: &[Measured]) -> Vec<Outcome> {
    let figures = GOALS.iter().filter_map(|goal| goal.outcome(results));
    figures.chain(on_two_threads(results)).collect()
}

impl Goal {
    fn outcome(&self, results: &[Measured]) -> Option<Outcome> {
        let ours = find(results, self.row, self.system)?;
        let (limit, goal, measured, at_most) = match self.at_most {
            AtMost::Figure(limit) => {
                let [goal, measured] = [limit, ours.median()].map(|figure| scaled(figure, ours.row.unit));
                (limit, goal, measured, ours.median())
            }
            AtMost::Times(limit, row, system) => {
                let than = find(results, row, system)?;
                let name = if system == self.system { row.to_owned() } else { system.to_string() };
                times(limit, ours.median() / than.median(), &name)
            }
            AtMost::TimesBest(limit) => {
                let peers = results.iter().filter(|result| result.row == ours.row && is_peer(result.system));
                let best = peers.min_by(|one, other| one.median().total_cmp(&other.median()))?;
                times(limit, ours.median() / best.median(), &format!("the best, {}", best.system))
            }
        };
        let slow = if self.tells_slow { slow_rounds(ours) } else { String::new() };
        Some(Outcome {
            what: format!("{}, {}", self.row, self.system),
            goal: format!("≤ {goal}"),
            measured: format!("{measured}{slow}"),
            is_met: at_most <= limit,
        })
    }
}

fn times(limit: f64, ratio: f64, than: &str) -> (f64, String, String, f64) {
    (limit, format!("{limit:.2} × {than}"), format!("{ratio:.2} ×"), ratio)
}

/// Whether it is another system, that runs on two threads as ours on tokio does.
fn is_peer(system: Id) -> bool {
    system.name != OTP.name && [OTP.backend, BEAM.backend].contains(&system.backend)
}

fn slow_rounds(ours: &Measured) -> String {
    format!("; {} of {} rounds slow", ours.slow(), ours.figures.len())
}

fn find<'a>(results: &'a [Measured], row: &str, system: Id) -> Option<&'a Measured> {
    results.iter().find(|result| result.system == system && result.row.name() == row)
}

/// For each act of threads, how many times as much two of them do as one.
fn on_two_threads(results: &[Measured]) -> impl Iterator<Item = Outcome> {
    let control = threads::factor(results, CONTROL, OTP, 2);
    let acts = threads::acts(results).into_iter().filter(|act| *act != CONTROL);
    acts.filter_map(move |act| {
        let (control, factor) = (control?, threads::factor(results, act, OTP, 2)?);
        let (limit, goal) = match ONE_NAME {
            (hot, limit) if hot == act => (limit, format!("≥ {limit:.2} × one thread")),
            _ if control >= CONTROL_SHOWS => (TWO_THREADS, format!("≥ {TWO_THREADS:.2} × one thread")),
            _ => (OF_CONTROL * control, format!("≥ {OF_CONTROL:.2} × the control, {control:.2}")),
        };
        Some(Outcome {
            what: format!("scaling/{act} on two threads, {OTP}"),
            goal,
            measured: format!("{factor:.2} ×"),
            is_met: factor >= limit,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::{Row, Unit};

    fn measured(workload: &'static str, variant: &'static str, system: Id, figures: &[f64]) -> Measured {
        let row = Row { workload, variant, what: "", unit: Unit::Nanoseconds };
        Measured { row: Box::leak(Box::new(row)), system, figures: figures.to_vec() }
    }

    fn only(results: &[Measured], what: &str) -> (String, String, bool) {
        let mut found = outcomes(results).into_iter().filter(|outcome| outcome.what == what);
        let Outcome { goal, measured, is_met, .. } = found.next().expect("it was measured");
        assert!(found.next().is_none());
        (goal, measured, is_met)
    }

    #[test]
    fn a_row_with_two_modes_says_how_many_rounds_were_slow() {
        let results = [
            measured("cast", "1-producer", OTP, &[60.0, 80.0, 100.0, 130.0, 180.0]),
            measured("cast", "1-producer", RAW, &[100.0]),
        ];
        let expected = ("≤ 1.10 × raw/tokio".to_owned(), "1.00 ×; 3 of 5 rounds slow".to_owned(), true);
        assert_eq!(only(&results, "cast/1-producer, otp/tokio"), expected);
    }

    #[test]
    fn the_best_peer_has_two_threads_too() {
        let row = |system, figure| measured("names", "end-1M", system, &[figure]);
        let mut results = vec![row(OTP, 90.0), row(RAW, 120.0), row(RUSM, 100.0), row(OTP_ON_ONE, 10.0)];
        results.push(row(Id { name: "raw", backend: "tokio-current" }, 20.0));
        // One row for all, as in a run.
        let first = results[0].row;
        results.iter_mut().for_each(|result| result.row = first);
        let expected = ("≤ 1.00 × the best, rusm-otp/tokio".to_owned(), "0.90 ×".to_owned(), true);
        assert_eq!(only(&results, "names/end-1M, otp/tokio"), expected);
    }

    #[test]
    fn two_threads_are_to_do_what_the_machine_can() {
        let pair = |act: &str, one: f64, two: f64| {
            let row = |count, figure| measured("scaling", format!("{act}-{count}").leak(), OTP, &[figure]);
            vec![row("one-thread", one), row("2-threads", two)]
        };
        let both = |control, links| [control, links].into_iter().flatten().collect::<Vec<Measured>>();
        let two_cores = both(pair("compute", 100.0, 102.0), pair("links", 50.0, 60.0));
        let missed = ("≥ 1.80 × one thread".to_owned(), "1.67 ×".to_owned(), false);
        assert_eq!(only(&two_cores, "scaling/links on two threads, otp/tokio"), missed);
        let shared = both(pair("compute", 100.0, 125.0), pair("links", 50.0, 60.0));
        let met = ("≥ 0.90 × the control, 1.60".to_owned(), "1.67 ×".to_owned(), true);
        assert_eq!(only(&shared, "scaling/links on two threads, otp/tokio"), met);
    }
}

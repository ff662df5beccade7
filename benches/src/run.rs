use std::time::{Duration, Instant};

use crate::args::Args;
use crate::case::{Case, Entrant, Id, Rounds, Row};

/// What was measured: the figures of all rounds of one system in one row, in order of size.
pub struct Measured {
    pub row: &'static Row,
    pub system: Id,
    pub figures: Vec<f64>,
}

impl Measured {
    pub fn median(&self) -> f64 {
        let (half, odd) = (self.figures.len() / 2, self.figures.len() % 2 == 1);
        if odd { self.figures[half] } else { (self.figures[half - 1] + self.figures[half]) / 2.0 }
    }

    pub fn min(&self) -> f64 {
        self.figures[0]
    }

    pub fn max(&self) -> f64 {
        self.figures[self.figures.len() - 1]
    }

    /// How many rounds took more than one and a half times as long as the fastest.
    pub fn slow(&self) -> usize {
        self.figures.iter().filter(|figure| **figure > 1.5 * self.min()).count()
    }
}

/// Measures case after case. The systems of a case take turns, round by round, so that a machine that gets slower
/// does so for all. What a case has shown goes to `show` at once.
pub fn run(args: &Args, entrants: &[Entrant], show: impl Fn(&[Measured])) -> Vec<Measured> {
    let mut cases: Vec<&'static Case> = Vec::new();
    for entrant in entrants {
        if !cases.iter().any(|case| std::ptr::eq(*case, entrant.case)) {
            cases.push(entrant.case);
        }
    }
    // Rows of one workload next to each other, in the order in which the first system has the workloads.
    let mut order: Vec<&str> = Vec::new();
    cases.iter().for_each(|case| {
        if !order.contains(&case.rows[0].workload) {
            order.push(case.rows[0].workload)
        }
    });
    cases.sort_by_key(|case| order.iter().position(|name| *name == case.rows[0].workload));

    let mut results = Vec::new();
    for case in cases {
        let measured = run_case(args, case, entrants);
        show(&measured);
        results.extend(measured);
    }
    results
}

fn run_case(args: &Args, case: &'static Case, entrants: &[Entrant]) -> Vec<Measured> {
    let entrants = entrants.iter().filter(|entrant| std::ptr::eq(entrant.case, case) && args.wants(entrant));
    let mut running: Vec<Running> = entrants.map(|entrant| Running::start(entrant, args)).collect();
    for _ in 0..args.rounds.min(case.rounds) {
        running.iter_mut().for_each(Running::round);
    }
    let rows = case.rows.iter().enumerate().filter(|(_, row)| args.wants_row(row));
    rows.flat_map(|(place, row)| running.iter().map(move |running| running.measured(place, row))).collect()
}

/// A system in the middle of a case.
struct Running {
    system: Id,
    rounds: Rounds,
    ops: u64,
    /// The figures of each round, one for each row.
    figures: Vec<Vec<f64>>,
}

impl Running {
    /// Starts a system and finds out how many operations fit into a round, which also warms it up.
    fn start(entrant: &Entrant, args: &Args) -> Running {
        eprintln!("{:<24} {}", entrant.case.rows[0].name(), entrant.system);
        let mut rounds = (entrant.start)();
        let mut ops = entrant.case.least;
        while ops < entrant.case.most {
            let start = Instant::now();
            rounds(ops);
            let time = start.elapsed().max(Duration::from_nanos(1));
            let fitting = (ops as f64 * args.round.as_secs_f64() / time.as_secs_f64()) as u64;
            // A short try says little about a long one: from there, a few times as many at most.
            let enough = fitting < ops * 2;
            ops = fitting.min(ops * 8).clamp(entrant.case.least, entrant.case.most);
            if enough {
                break;
            }
        }
        Running { system: entrant.system, rounds, ops, figures: Vec::new() }
    }

    fn round(&mut self) {
        self.figures.push((self.rounds)(self.ops));
    }

    fn measured(&self, place: usize, row: &'static Row) -> Measured {
        let mut figures: Vec<f64> = self.figures.iter().map(|round| round[place]).collect();
        figures.sort_by(f64::total_cmp);
        Measured { row, system: self.system, figures }
    }
}

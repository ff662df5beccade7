use std::collections::BTreeSet;
use std::time::Duration;

use lexopt::prelude::*;

use crate::case::{Entrant, Row};

pub const HELP: &str = "\
Measures otp beside raw channels, other actor libraries and the BEAM.

    --only WORKLOAD    only this workload (call), or this row of it (call/no-timeout); repeatable, or a,b
    --system NAME      only this system (otp), on all its backends or on one (otp/smol); repeatable, or a,b
    --rounds N         rounds for each, 7 unless given; the median counts
    --quick            one short round: does it work?
    --json             one object a line
    --page             writes docs/benchmarks.md and its pictures, from a run of everything
";

/// How many rounds there are, unless the user says.
const ROUNDS: usize = 7;

/// What the user asks for.
pub struct Args {
    only: Vec<String>,
    systems: Vec<String>,
    pub rounds: usize,
    /// How long a round is meant to take.
    pub round: Duration,
    pub json: bool,
    pub page: bool,
    pub help: bool,
    quick: bool,
    /// Not for users: measure the memory of one system in this process, and say how much.
    pub child: Option<(String, String, u64)>,
}

impl Args {
    pub fn parse(entrants: &[Entrant]) -> Result<Args, lexopt::Error> {
        let mut args = Args {
            only: Vec::new(),
            systems: Vec::new(),
            rounds: ROUNDS,
            round: Duration::from_millis(80),
            json: false,
            page: false,
            help: false,
            quick: false,
            child: None,
        };
        let mut parser = lexopt::Parser::from_env();
        while let Some(arg) = parser.next()? {
            match arg {
                Long("only") => args.only.extend(list(&mut parser)?),
                Long("system") => args.systems.extend(list(&mut parser)?),
                Long("rounds") => args.rounds = parser.value()?.parse_with(at_least_one)?,
                Long("quick") => args.quick = true,
                Long("json") => args.json = true,
                Long("page") => args.page = true,
                Long("child") => {
                    let (workload, system) = (parser.value()?.string()?, parser.value()?.string()?);
                    args.child = Some((workload, system, parser.value()?.parse()?));
                }
                Long("help") | Short('h') => args.help = true,
                other => return Err(other.unexpected()),
            }
        }
        if args.quick {
            (args.rounds, args.round) = (1, Duration::from_millis(1));
        }
        let rows = entrants.iter().flat_map(|entrant| entrant.case.rows);
        check("workload", &args.only, rows.flat_map(|row| [row.workload.to_owned(), row.name()]))?;
        let systems = entrants.iter().map(|entrant| entrant.system);
        check("system", &args.systems, systems.flat_map(|id| [id.name.to_owned(), id.to_string()]))?;
        let whole = args.only.is_empty() && args.systems.is_empty() && !args.quick && args.rounds >= ROUNDS;
        if args.page && !whole {
            return Err(
                "--page takes a run of everything, with 7 rounds or more: no --only, --system or --quick".into()
            );
        }
        Ok(args)
    }

    pub fn wants_row(&self, row: &Row) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == row.workload || *only == row.name())
    }

    pub fn wants(&self, entrant: &Entrant) -> bool {
        let id = entrant.system;
        let system =
            self.systems.is_empty() || self.systems.iter().any(|name| name == id.name || *name == id.to_string());
        system && entrant.case.rows.iter().any(|row| self.wants_row(row))
    }
}

fn list(parser: &mut lexopt::Parser) -> Result<Vec<String>, lexopt::Error> {
    Ok(parser.value()?.string()?.split(',').map(str::to_owned).collect())
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err(format!("--rounds takes a number from 1 on, not {text}")),
        Ok(n) => Ok(n),
    }
}

fn check(what: &str, asked: &[String], known: impl Iterator<Item = String>) -> Result<(), String> {
    let known: BTreeSet<String> = known.collect();
    match asked.iter().find(|name| !known.contains(*name)) {
        None => Ok(()),
        Some(name) => {
            let known: Vec<String> = known.into_iter().collect();
            Err(format!("there is no {what} {name:?}; there are: {}", known.join(", ")))
        }
    }
}

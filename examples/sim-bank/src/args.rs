//! Reads the command line.

use std::ffi::OsString;

use lexopt::{Arg, Parser, ValueExt};
use sim_bank::Teller;

use crate::hunt::{Backend, Hunt, Policy};

/// What `--help` prints.
pub(crate) const HELP: &str = "\
Pays rent and a bill from one account at the same time, many times, and counts the lost updates.

Usage: sim-bank [OPTIONS]

Options:
      --backend <sim|tokio|smol>   where to run [default: sim]
      --policy <random|pct>        how the simulator chooses who runs next [default: random]
      --runs <COUNT>               how often; the simulator's seeds are 1, 2, 3, … [default: 10000]
      --careful                    with the teller that is right
  -h, --help                       print this and exit
";

/// What the command line asks for.
#[derive(Debug)]
pub(crate) enum Invocation {
    /// Run.
    Hunt(Hunt),
    /// Print [`HELP`] and exit.
    Help,
}

impl Invocation {
    /// Parses the arguments that follow the program's name.
    ///
    /// # Errors
    ///
    /// Names the first option, value or stray argument that makes no sense.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Invocation, lexopt::Error> {
        let mut parser = Parser::from_args(arguments);
        let mut hunt = Hunt { backend: Backend::Sim, policy: Policy::Random, runs: 10_000, teller: Teller::Hasty };
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("backend") => hunt.backend = parser.value()?.parse()?,
                Arg::Long("policy") => hunt.policy = parser.value()?.parse()?,
                Arg::Long("runs") => hunt.runs = parser.value()?.parse()?,
                Arg::Long("careful") => hunt.teller = Teller::Careful,
                Arg::Short('h') | Arg::Long("help") => return Ok(Invocation::Help),
                other => return Err(other.unexpected()),
            }
        }
        Ok(Invocation::Hunt(hunt))
    }
}

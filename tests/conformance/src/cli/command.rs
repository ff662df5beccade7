use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::Arg::{Long, Value};
use lexopt::{Parser, ValueExt};
use otp_conformance::Backend;
use otp_conformance::generate::is_kind;

use super::{oracle, rules, say, scenarios};

/// What the program is asked to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Print the traces of scenarios, or compare them.
    Scenarios(Scenarios),
    /// Print the rules that nothing names.
    Rules,
    /// Compare random scenarios with a BEAM.
    Oracle(Oracle),
    Help,
}

/// Which scenarios to run, on what, and what to do with the traces.
#[derive(Debug)]
pub(crate) struct Scenarios {
    pub(crate) backends: Vec<Backend>,
    pub(crate) golden: Option<PathBuf>,
    pub(crate) deviations: Option<PathBuf>,
    pub(crate) files: Vec<PathBuf>,
}

/// Which random scenarios to compare.
#[derive(Debug)]
pub(crate) struct Oracle {
    pub(crate) seeds: u64,
    pub(crate) from: u64,
    pub(crate) backend: Backend,
    /// Where the scenarios go that differ.
    pub(crate) keep: Option<PathBuf>,
    /// Whether these are made small first.
    pub(crate) shrink: bool,
    /// What they are about; anything if this is empty.
    pub(crate) about: Vec<String>,
}

const HELP: &str = "\
usage: otp-conformance [--backend tokio|tokio-current|smol|sim|all] [--check GOLDEN_DIR] [--deviations FILE] FILE...
       otp-conformance rules
       otp-conformance oracle --seeds N [--from SEED] [--about KIND,..] [--backend BACKEND] [--keep DIR] [--no-shrink]

Prints the trace of each scenario file. With --check, compares it with GOLDEN_DIR/NAME.jsonl instead, and prints the
first difference. --deviations names a file with the differences that are expected.

oracle: makes N random scenarios from SEED on, runs them on a real BEAM (it needs escript) and on the library, and makes
those small on which the two differ, unless told not to. --about: processes, servers, tree, machines, tasks, agents,
registry, groups, sys, tables, events, applications; all of them unless told otherwise. --keep writes the scenarios that differ to DIR.

rules: prints the rules of SPEC.md (sections 1-15, 17, 19 and 20) that no scenario and no test of the project names.
";

impl Command {
    pub(crate) fn from_args(mut args: Parser) -> Result<Command, lexopt::Error> {
        let mut wanted =
            Scenarios { backends: vec![Backend::Tokio], golden: None, deviations: None, files: Vec::new() };
        while let Some(arg) = args.next()? {
            match arg {
                Long("backend") => wanted.backends = backends(&args.value()?.string()?)?,
                Long("check") => wanted.golden = Some(args.value()?.into()),
                Long("deviations") => wanted.deviations = Some(args.value()?.into()),
                Long("help") => return Ok(Command::Help),
                Value(word) if word == "rules" && wanted.files.is_empty() => return rules_alone(args),
                Value(word) if word == "oracle" && wanted.files.is_empty() => return oracle_options(args),
                Value(file) => wanted.files.push(file.into()),
                other => return Err(other.unexpected()),
            }
        }
        if wanted.files.is_empty() {
            return Err("no scenario file was named; see --help".into());
        }
        Ok(Command::Scenarios(wanted))
    }

    pub(crate) fn execute(self) -> ExitCode {
        match self {
            Command::Scenarios(wanted) => scenarios::execute(wanted),
            Command::Oracle(wanted) => oracle::execute(&wanted),
            Command::Rules => rules::execute(),
            Command::Help => {
                say(HELP);
                ExitCode::SUCCESS
            }
        }
    }
}

fn rules_alone(mut args: Parser) -> Result<Command, lexopt::Error> {
    match args.next()? {
        None => Ok(Command::Rules),
        Some(arg) => Err(arg.unexpected()),
    }
}

fn oracle_options(mut args: Parser) -> Result<Command, lexopt::Error> {
    let mut wanted = Oracle { seeds: 100, from: 1, backend: Backend::Tokio, keep: None, shrink: true, about: vec![] };
    while let Some(arg) = args.next()? {
        match arg {
            Long("seeds") => wanted.seeds = args.value()?.parse()?,
            Long("from") => wanted.from = args.value()?.parse()?,
            Long("about") => {
                for kind in args.value()?.string()?.split(',') {
                    if !is_kind(kind) {
                        return Err(format!("there are no random scenarios about {kind:?}").into());
                    }
                    wanted.about.push(kind.to_owned());
                }
            }
            Long("no-shrink") => wanted.shrink = false,
            Long("keep") => wanted.keep = Some(args.value()?.into()),
            Long("backend") => match backends(&args.value()?.string()?)?[..] {
                [backend] => wanted.backend = backend,
                _ => return Err("the oracle compares with one backend at a time".into()),
            },
            other => return Err(other.unexpected()),
        }
    }
    Ok(Command::Oracle(wanted))
}

fn backends(name: &str) -> Result<Vec<Backend>, String> {
    if name == "all" {
        return Ok(Backend::ALL.to_vec());
    }
    let unknown = || format!("there is no backend {name:?}; there are tokio, tokio-current, smol, sim, and all");
    Ok(vec![Backend::named(name).ok_or_else(unknown)?])
}

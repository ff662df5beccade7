use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::Arg::{Long, Value};
use lexopt::{Parser, ValueExt};
use otp_conformance::Backend;

use super::{rules, say, scenarios};

/// What the program is asked to do.
#[derive(Debug)]
pub(crate) enum Command {
    /// Print the traces of scenarios, or compare them.
    Scenarios(Scenarios),
    /// Print the rules that nothing names.
    Rules,
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

const HELP: &str = "\
usage: otp-conformance [--backend tokio|tokio-current|smol|all] [--check GOLDEN_DIR] [--deviations FILE] FILE...
       otp-conformance rules

Prints the trace of each scenario file. With --check, compares it with GOLDEN_DIR/NAME.jsonl instead, and prints the
first difference. --deviations names a file with the differences that are expected.

rules: prints the rules of SPEC.md (sections 1-12 and 20) that no scenario and no test of the project names.
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

fn backends(name: &str) -> Result<Vec<Backend>, String> {
    if name == "all" {
        return Ok(Backend::ALL.to_vec());
    }
    let unknown = || format!("there is no backend {name:?}; there are tokio, tokio-current, smol, and all");
    Ok(vec![Backend::named(name).ok_or_else(unknown)?])
}

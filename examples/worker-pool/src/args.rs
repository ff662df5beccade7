//! The command line.

use std::time::Duration;

use lexopt::prelude::*;

use crate::service::Limits;

/// What the command line says.
#[derive(Clone, Debug)]
pub struct Options {
    /// The port on loopback; zero takes a free one.
    pub port: u16,
    /// How many clients may be connected.
    pub connections: usize,
    /// How long accepted jobs have to finish when the program is asked to end.
    pub drain: Duration,
    /// The bounds of the service.
    pub limits: Limits,
}

/// The text of `--help`.
pub const HELP: &str = "\
A job service behind HTTP.

  --port N           the port on 127.0.0.1; 0 takes a free one         [8080]
  --workers N        how many jobs are worked on at the same time      [4]
  --open N           how many jobs may be accepted and not finished    [256]
  --kept N           how many results and dead letters are kept        [1000]
  --connections N    how many clients may be connected                 [256]
  --attempt-secs N   how long an attempt may take                      [30]
  --drain-secs N     how long jobs have to finish after a signal       [10]
  --help             this text
";

impl Options {
    /// Reads the command line; `None` asks for the help.
    ///
    /// # Errors
    ///
    /// If it makes no sense.
    pub fn parse(args: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Option<Self>, lexopt::Error> {
        let limits = Limits::default();
        let mut options = Options { port: 8080, connections: 256, drain: Duration::from_secs(10), limits };
        let mut args = lexopt::Parser::from_args(args);
        while let Some(arg) = args.next()? {
            match arg {
                Long("port") => options.port = args.value()?.parse()?,
                Long("workers") => options.limits.workers = at_least_one(&mut args)?,
                Long("open") => options.limits.open = at_least_one(&mut args)?,
                Long("kept") => options.limits.kept = at_least_one(&mut args)?,
                Long("connections") => options.connections = at_least_one(&mut args)?,
                Long("attempt-secs") => options.limits.attempt = Duration::from_secs(args.value()?.parse()?),
                Long("drain-secs") => options.drain = Duration::from_secs(args.value()?.parse()?),
                Short('h') | Long("help") => return Ok(None),
                _ => return Err(arg.unexpected()),
            }
        }
        Ok(Some(options))
    }
}

fn at_least_one(args: &mut lexopt::Parser) -> Result<usize, lexopt::Error> {
    let value: usize = args.value()?.parse()?;
    if value == 0 { Err("0 is too little".into()) } else { Ok(value) }
}

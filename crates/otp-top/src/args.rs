//! Reads the command line.

use std::ffi::OsString;

use lexopt::{Arg, Parser, ValueExt};
use otp::runtime::net::NetAddr;

/// What `--help` prints.
pub const HELP: &str = "\
The observer in a terminal.

Usage: otp-top [ADDRESS]

  ADDRESS              where the observer listens, such as 127.0.0.1:9911 or unix:/run/app.sock [default: 127.0.0.1:9911]
      --once           print one page, as text, and exit
  -h, --help           print this and exit

Keys:
  m q r b              busiest by messages, queue, runs, time with one message
  t                    the tree
  c                    the crashes
  up, down, page keys  scroll
  Esc, ctrl-c          exit
";

/// What the command line asks for.
#[derive(Debug)]
#[non_exhaustive]
pub struct Invocation {
    /// Where the observer listens.
    pub address: NetAddr,
    /// Whether one page is to be printed.
    pub once: bool,
    /// Whether to print [`HELP`] instead.
    pub help: bool,
}

impl Invocation {
    /// Parses the arguments that follow the program's name.
    ///
    /// # Errors
    ///
    /// Names the first argument that makes no sense.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Invocation, lexopt::Error> {
        let mut parser = Parser::from_args(arguments);
        let mut asked = Invocation { address: ([127, 0, 0, 1], 9911).into(), once: false, help: false };
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Value(address) => asked.address = address.parse()?,
                Arg::Long("once") => asked.once = true,
                Arg::Short('h') | Arg::Long("help") => asked.help = true,
                other => return Err(other.unexpected()),
            }
        }
        Ok(asked)
    }
}

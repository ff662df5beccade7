//! Reads the command line.

use std::ffi::OsString;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};

use crate::Shop;

/// What `--help` prints.
pub const HELP: &str = "\
A shop under load, with the observer on a port of this machine.

Usage: observed [OPTIONS]

Options:
      --port <PORT>        where the observer listens; 0 is any free port [default: 9911]
      --token <TOKEN>      lets those who know it change processes; at least 16 bytes
      --carts <COUNT>      how many carts there are, each a process [default: 1000]
      --rate <COUNT>       how many messages they get in a second [default: 2000]
      --drops <SECONDS>    how often the courier crashes [default: 20]
      --seconds <SECONDS>  how long the shop is open [default: until it is killed]
      --unobserved         without the observer, to measure what it costs
  -h, --help               print this and exit
";

/// What the command line asks for.
#[derive(Debug)]
pub struct Invocation {
    pub port: u16,
    pub token: Option<String>,
    pub shop: Shop,
    pub seconds: Option<u64>,
    pub is_observed: bool,
    pub wants_help: bool,
}

impl Invocation {
    /// Parses the arguments that follow the program's name.
    ///
    /// # Errors
    ///
    /// Names the first option, value or stray argument that makes no sense.
    pub fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Invocation, lexopt::Error> {
        let mut parser = Parser::from_args(arguments);
        let shop = Shop { carts: 1000, rate: 2000, drops_every: Duration::from_secs(20) };
        let mut asked =
            Invocation { port: 9911, token: None, shop, seconds: None, is_observed: true, wants_help: false };
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Long("port") => asked.port = parser.value()?.parse()?,
                Arg::Long("token") => asked.token = Some(parser.value()?.parse()?),
                Arg::Long("carts") => asked.shop.carts = parser.value()?.parse()?,
                Arg::Long("rate") => asked.shop.rate = parser.value()?.parse()?,
                Arg::Long("drops") => asked.shop.drops_every = Duration::from_secs(parser.value()?.parse()?),
                Arg::Long("seconds") => asked.seconds = Some(parser.value()?.parse()?),
                Arg::Long("unobserved") => asked.is_observed = false,
                Arg::Short('h') | Arg::Long("help") => asked.wants_help = true,
                other => return Err(other.unexpected()),
            }
        }
        Ok(asked)
    }
}

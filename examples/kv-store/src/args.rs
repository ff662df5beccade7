//! Reads the command line.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use lexopt::{Arg, Parser};
use thiserror::Error;

use crate::shard::Fsync;

/// What `--help` prints, for a program that can run on these executors, by default on the first.
#[must_use]
pub fn help(backends: &[&str]) -> String {
    let line = format!("{:<21}executor to run on [default: {}]", format!("<{}>", backends.join("|")), backends[0]);
    HELP.replace("<BACKEND>", &line)
}

const HELP: &str = "\
A supervised in-memory key-value server that speaks RESP2.

Usage: kv-store [OPTIONS]

Options:
      --backend <BACKEND>
      --host <ADDRESS>               address to listen on [default: 127.0.0.1]
      --port <PORT>                  port to listen on, 0 for any free one [default: 6379]
      --shards <COUNT>               shards to split the keys over, 1 to 256; fixed once
                                     the directory exists [default: 4]
      --dir <PATH>                   where the append-only files live [default: kv-data]
      --max-connections <COUNT>      connections served at once [default: 1000]
      --fsync <always|everysec|never>
                                     when to force writes to the disk; they reach the
                                     operating system before the reply in any case, and the
                                     disk at shutdown [default: never]
      --write-timeout <SECONDS>      how long a client may take no reply before it is
                                     closed, 1 to 86400 [default: 30]
  -h, --help                         print this and exit
";

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invocation {
    /// Run the server.
    Serve(Options),
    /// Print the [help] and exit.
    Help,
}

impl Invocation {
    /// Parses the arguments that follow the program's name. The program can run on the executors `backends`, by default
    /// on the first.
    ///
    /// An option given twice takes its last value.
    ///
    /// # Errors
    ///
    /// Names the first option, value or stray argument that makes no sense.
    pub fn parse<I>(backends: &[&'static str], arguments: I) -> Result<Self, ArgsError>
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        let mut parser = Parser::from_args(arguments);
        let mut options = Options::new(backends[0]);
        while let Some(argument) = parser.next()? {
            let option = match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(Self::Help),
                Arg::Value(value) => {
                    return Err(ArgsError::Stray(value.to_string_lossy().into_owned()));
                }
                Arg::Short(letter) => return Err(ArgsError::UnknownOption(format!("-{letter}"))),
                Arg::Long(name) => format!("--{name}"),
            };
            options.set(&option, backends, &mut parser)?;
        }
        Ok(Self::Serve(options))
    }
}

/// How to run the server.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// Executor to run on.
    pub backend: &'static str,
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 takes any free one.
    pub port: u16,
    /// Number of shards, 1 to 256.
    pub shards: usize,
    /// Directory of the append-only files.
    pub dir: PathBuf,
    /// Connections served at once, at least 1.
    pub max_connections: usize,
    /// When writes are forced to the disk.
    pub fsync: Fsync,
    /// How long a client may take no reply.
    pub write_timeout: Duration,
}

impl Options {
    /// The defaults, on the executor `backend`.
    #[must_use]
    pub fn new(backend: &'static str) -> Self {
        Self {
            backend,
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 6379,
            shards: 4,
            dir: PathBuf::from("kv-data"),
            max_connections: 1000,
            fsync: Fsync::default(),
            write_timeout: Duration::from_secs(30),
        }
    }

    fn set(&mut self, option: &str, backends: &[&'static str], parser: &mut Parser) -> Result<(), ArgsError> {
        match option {
            "--backend" => self.backend = one_of(option, backends, parser)?,
            "--host" => self.host = value(option, "an IP address", parser)?,
            "--port" => self.port = value(option, "a number from 0 to 65535", parser)?,
            "--shards" => self.shards = bounded(option, 256, "a number from 1 to 256", parser)?,
            "--dir" => self.dir = parser.value()?.into(),
            "--max-connections" => {
                self.max_connections = bounded(option, usize::MAX, "a number above 0", parser)?;
            }
            "--fsync" => self.fsync = value(option, "always, everysec or never", parser)?,
            "--write-timeout" => {
                let seconds = bounded(option, 86400, "a number from 1 to 86400", parser)?;
                self.write_timeout = Duration::from_secs(seconds as u64);
            }
            _ => return Err(ArgsError::UnknownOption(option.to_owned())),
        }
        Ok(())
    }
}

/// Why a command line was refused.
#[derive(Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ArgsError {
    /// No such option.
    #[error("unknown option '{0}'")]
    UnknownOption(String),
    /// The option needs a value and none follows.
    #[error("option '{0}' needs a value")]
    MissingValue(String),
    /// The value is not one the option takes.
    #[error("option '{option}' takes {expected}, not '{value}'")]
    InvalidValue {
        /// The option, dashes included.
        option: String,
        /// What was given.
        value: String,
        /// What would have been right.
        expected: String,
    },
    /// A value after an option that takes none.
    #[error("option '{option}' takes no value, got '{value}'")]
    UnexpectedValue {
        /// The option, dashes included.
        option: String,
        /// What was given.
        value: String,
    },
    /// An argument that belongs to no option.
    #[error("unexpected argument '{0}'")]
    Stray(String),
}

impl From<lexopt::Error> for ArgsError {
    fn from(error: lexopt::Error) -> Self {
        match error {
            lexopt::Error::MissingValue { option } => Self::MissingValue(option.unwrap_or_default()),
            lexopt::Error::UnexpectedOption(option) => Self::UnknownOption(option),
            lexopt::Error::UnexpectedValue { option, value } => {
                Self::UnexpectedValue { option, value: value.to_string_lossy().into_owned() }
            }
            other => Self::Stray(other.to_string()),
        }
    }
}

fn value<T: FromStr>(option: &str, expected: &str, parser: &mut Parser) -> Result<T, ArgsError> {
    let raw = parser.value()?;
    raw.to_str().and_then(|text| text.parse().ok()).ok_or_else(|| ArgsError::InvalidValue {
        option: option.to_owned(),
        value: raw.to_string_lossy().into_owned(),
        expected: expected.to_owned(),
    })
}

fn one_of(option: &str, names: &[&'static str], parser: &mut Parser) -> Result<&'static str, ArgsError> {
    let raw = parser.value()?;
    names.iter().copied().find(|name| raw == *name).ok_or_else(|| ArgsError::InvalidValue {
        option: option.to_owned(),
        value: raw.to_string_lossy().into_owned(),
        expected: names.join(" or "),
    })
}

fn bounded(option: &str, max: usize, expected: &str, parser: &mut Parser) -> Result<usize, ArgsError> {
    let number: usize = value(option, expected, parser)?;
    if (1..=max).contains(&number) {
        return Ok(number);
    }
    Err(ArgsError::InvalidValue { option: option.to_owned(), value: number.to_string(), expected: expected.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKENDS: [&str; 2] = ["cart", "ship"];

    fn options(arguments: &[&str]) -> Options {
        match Invocation::parse(&BACKENDS, arguments) {
            Ok(Invocation::Serve(options)) => options,
            other => panic!("expected options, got {other:?}"),
        }
    }

    fn error(arguments: &[&str]) -> String {
        Invocation::parse(&BACKENDS, arguments).unwrap_err().to_string()
    }

    #[test]
    fn no_arguments_means_the_defaults() {
        assert_eq!(options(&[]), Options::new("cart"));
    }

    #[test]
    fn every_option_takes_its_value_after_a_space_or_an_equals_sign() {
        let spaced = options(&[
            "--backend",
            "ship",
            "--host",
            "::1",
            "--port",
            "0",
            "--shards",
            "8",
            "--dir",
            "/tmp/x",
            "--max-connections",
            "5",
            "--fsync",
            "always",
        ]);
        let joined = options(&[
            "--backend=ship",
            "--host=::1",
            "--port=0",
            "--shards=8",
            "--dir=/tmp/x",
            "--max-connections=5",
            "--fsync=always",
        ]);
        assert_eq!(spaced, joined);
        assert_eq!(spaced.backend, "ship");
        assert_eq!(spaced.shards, 8);
        assert_eq!(spaced.fsync, Fsync::Always);
    }

    #[test]
    fn help_wins_over_what_follows_it() {
        assert_eq!(Invocation::parse(&BACKENDS, ["--help", "--nonsense"]), Ok(Invocation::Help));
        assert_eq!(Invocation::parse(&BACKENDS, ["-h"]), Ok(Invocation::Help));
    }

    #[test]
    fn the_help_names_the_executors_and_the_default() {
        let help = help(&BACKENDS);
        assert!(help.contains("--backend <cart|ship>          executor to run on [default: cart]\n"), "{help}");
    }

    #[test]
    fn errors_name_the_option_and_the_value() {
        assert_eq!(error(&["--backend", "horse"]), "option '--backend' takes cart or ship, not 'horse'");
        assert_eq!(error(&["--port=70000"]), "option '--port' takes a number from 0 to 65535, not '70000'");
        assert_eq!(error(&["--shards", "0"]), "option '--shards' takes a number from 1 to 256, not '0'");
        let timeout = "option '--write-timeout' takes a number from 1 to 86400, not '0'";
        assert_eq!(error(&["--write-timeout", "0"]), timeout);
        assert_eq!(error(&["--max-connections=0"]), "option '--max-connections' takes a number above 0, not '0'");
        assert_eq!(error(&["--dir"]), "option '--dir' needs a value");
        assert_eq!(error(&["--colour"]), "unknown option '--colour'");
        assert_eq!(error(&["-x"]), "unknown option '-x'");
        assert_eq!(error(&["serve"]), "unexpected argument 'serve'");
    }
}

//! Reads the command line.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};

/// What `--help` prints, for a program that can run on these executors, by default on the first.
#[must_use]
pub fn help(backends: &[&str]) -> String {
    HELP.replace("<BACKEND>", &format!("<{}>", backends.join("|"))).replace("<DEFAULT>", backends[0])
}

const HELP: &str = "\
Chat rooms over TCP, for netcat and telnet.

Usage: chat [OPTIONS]

Options:
      --backend <BACKEND>  executor to run on [default: <DEFAULT>]
      --host <ADDRESS>         address to listen on [default: 127.0.0.1]
      --port <PORT>            port to listen on, 0 for any free one [default: 7777]
      --max-users <COUNT>      users at once [default: 1000]
      --backlog <LINES>        lines of the room that wait for a user who does not read; the
                               oldest is lost for each one more [default: 1000]
      --patience <SECONDS>     how long a user may take nothing before the connection
                               ends [default: 30]
      --idle <SECONDS>         how long a user may send no line [default: 3600]
  -h, --help                   print this and exit
";

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invocation {
    /// Run the server, on this executor.
    Serve(&'static str, Options),
    /// Print the [help] and exit.
    Help,
}

/// How to run the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 takes any free one.
    pub port: u16,
    /// Users at once.
    pub max_users: usize,
    /// Lines of the room that wait for a user who does not read.
    pub backlog: usize,
    /// How long a user may take nothing.
    pub patience: Duration,
    /// How long a user may send no line.
    pub idle: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            host: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: 7777,
            max_users: 1000,
            backlog: 1000,
            patience: Duration::from_secs(30),
            idle: Duration::from_secs(3600),
        }
    }
}

impl Invocation {
    /// Parses the arguments that follow the program's name. The program can run on the executors `backends`, by default
    /// on the first.
    ///
    /// # Errors
    ///
    /// Names the first option, value or stray argument that makes no sense.
    pub fn parse<I>(backends: &[&'static str], arguments: I) -> Result<Self, lexopt::Error>
    where
        I: IntoIterator<Item: Into<OsString>>,
    {
        let mut parser = Parser::from_args(arguments);
        let (mut backend, mut options) = (backends[0], Options::default());
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(Self::Help),
                Arg::Long("backend") => {
                    let name = parser.value()?.string()?;
                    let known = backends.iter().find(|known| **known == name);
                    backend = known.ok_or_else(|| format!("there is no backend '{name}'"))?;
                }
                Arg::Long("host") => options.host = parser.value()?.parse()?,
                Arg::Long("port") => options.port = parser.value()?.parse()?,
                Arg::Long("max-users") => options.max_users = parser.value()?.parse()?,
                Arg::Long("backlog") => options.backlog = parser.value()?.parse()?,
                Arg::Long("patience") => options.patience = Duration::from_secs(parser.value()?.parse::<u32>()?.into()),
                Arg::Long("idle") => options.idle = Duration::from_secs(parser.value()?.parse::<u32>()?.into()),
                other => return Err(other.unexpected()),
            }
        }
        Ok(Self::Serve(backend, options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKENDS: [&str; 2] = ["cart", "ship"];

    fn error(arguments: &[&str]) -> String {
        Invocation::parse(&BACKENDS, arguments).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_given_is_the_default() {
        let parsed = |arguments: &[&str]| Invocation::parse(&BACKENDS, arguments).unwrap();
        assert_eq!(parsed(&[]), Invocation::Serve("cart", Options::default()));
        let port = Options { port: 0, ..Options::default() };
        assert_eq!(parsed(&["--backend=ship", "--port", "0"]), Invocation::Serve("ship", port));
        assert_eq!(parsed(&["-h", "--nonsense"]), Invocation::Help);
        assert!(help(&BACKENDS).contains("--backend <cart|ship>  executor to run on [default: cart]\n"));
    }

    #[test]
    fn errors_name_the_option_or_the_value() {
        assert_eq!(error(&["--backend", "horse"]), "there is no backend 'horse'");
        assert_eq!(error(&["--colour"]), "invalid option '--colour'");
        assert!(error(&["--port=70000"]).contains("\"70000\""));
    }
}

//! Reads the command line.

use std::ffi::OsString;
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::time::Duration;

use lexopt::{Arg, Parser, ValueExt};

use crate::measure::Load;

/// What `--help` prints, for a program that can run on these executors, by default on the first.
#[must_use]
pub fn help(backends: &[&str]) -> String {
    HELP.replace("<BACKEND>", &format!("<{}>", backends.join("|"))).replace("<DEFAULT>", backends[0])
}

const HELP: &str = "\
A server whose code is a plugin that is swapped under load.

Usage: hot-reload --plugin FILE [OPTIONS]
       hot-reload measure [--plugin FILE --plugin FILE] [OPTIONS]

Options:
      --backend <BACKEND>  executor to run on [default: <DEFAULT>]
      --plugin <FILE>          library with the code, which `reload` loads again
      --host <ADDRESS>         address to listen on [default: 127.0.0.1]
      --port <PORT>            port to listen on, 0 for any free one [default: 7878]
      --shards <COUNT>         servers that share the keys [default: 4]
  -h, --help                   print this and exit

Options of measure, which swaps the code of a server under load: between two types, or
between the two plugins:
      --callers <COUNT>        processes that call it, each as fast as it can [default: 8]
      --seconds <SECONDS>      how long [default: 5]
      --every-ms <MS>          how long from one swap to the next [default: 10]
";

/// What the command line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invocation {
    /// Run the server, on this executor.
    Serve(&'static str, Options),
    /// Measure, on this executor, with two plugins or none.
    Measure(&'static str, Load, Option<[PathBuf; 2]>),
    /// Print the [help] and exit.
    Help,
}

/// How to run the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// From where the code is loaded.
    pub plugin: PathBuf,
    /// Address to listen on.
    pub host: IpAddr,
    /// Port to listen on; 0 takes any free one.
    pub port: u16,
    /// How many servers share the keys.
    pub shards: usize,
}

impl Options {
    /// The options of a server with this plugin.
    #[must_use]
    pub fn new(plugin: PathBuf) -> Self {
        Self { plugin, host: IpAddr::V4(Ipv4Addr::LOCALHOST), port: 7878, shards: 4 }
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
        let (mut backend, mut plugins, mut measure) = (backends[0], Vec::new(), false);
        let (mut options, mut load) = (Options::new(PathBuf::new()), Load::default());
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(Self::Help),
                Arg::Value(word) if word == "measure" && !measure => measure = true,
                Arg::Long("backend") => {
                    let name = parser.value()?.string()?;
                    let known = backends.iter().find(|known| **known == name);
                    backend = known.ok_or_else(|| format!("there is no backend '{name}'"))?;
                }
                Arg::Long("plugin") => plugins.push(PathBuf::from(parser.value()?)),
                Arg::Long("host") => options.host = parser.value()?.parse()?,
                Arg::Long("port") => options.port = parser.value()?.parse()?,
                Arg::Long("shards") => options.shards = parser.value()?.parse_with(at_least_one)?,
                Arg::Long("callers") => load.callers = parser.value()?.parse_with(at_least_one)?,
                Arg::Long("seconds") => load.length = Duration::from_secs(parser.value()?.parse()?),
                Arg::Long("every-ms") => load.every = Duration::from_millis(parser.value()?.parse()?),
                other => return Err(other.unexpected()),
            }
        }
        match (measure, <[PathBuf; 2]>::try_from(plugins)) {
            (true, Ok(plugins)) => Ok(Self::Measure(backend, load, Some(plugins))),
            (true, Err(plugins)) if plugins.is_empty() => Ok(Self::Measure(backend, load, None)),
            (true, Err(_)) => Err("measure takes two plugins, or none".into()),
            (false, Err(mut plugins)) if plugins.len() == 1 => {
                options.plugin = plugins.remove(0);
                Ok(Self::Serve(backend, options))
            }
            (false, _) => Err("the server has one plugin: --plugin FILE".into()),
        }
    }
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("there must be one at least".to_owned()),
        Ok(number) => Ok(number),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKENDS: [&str; 2] = ["cart", "ship"];

    fn parsed(arguments: &[&str]) -> Invocation {
        Invocation::parse(&BACKENDS, arguments).unwrap()
    }

    fn error(arguments: &[&str]) -> String {
        Invocation::parse(&BACKENDS, arguments).unwrap_err().to_string()
    }

    #[test]
    fn what_is_not_given_is_the_default() {
        assert_eq!(parsed(&["--plugin", "a.so"]), Invocation::Serve("cart", Options::new("a.so".into())));
        assert_eq!(parsed(&["measure", "--backend=ship"]), Invocation::Measure("ship", Load::default(), None));
        let plugins = Some(["a.so".into(), "b.so".into()]);
        let load = Load { callers: 3, ..Load::default() };
        let measure = parsed(&["measure", "--callers=3", "--plugin=a.so", "--plugin=b.so"]);
        assert_eq!(measure, Invocation::Measure("cart", load, plugins));
        assert_eq!(parsed(&["-h", "--nonsense"]), Invocation::Help);
        assert!(help(&BACKENDS).contains("--backend <cart|ship>  executor to run on [default: cart]\n"));
    }

    #[test]
    fn errors_name_the_option_or_the_value() {
        assert_eq!(error(&[]), "the server has one plugin: --plugin FILE");
        assert_eq!(error(&["--plugin=a", "--plugin=b"]), "the server has one plugin: --plugin FILE");
        assert_eq!(error(&["measure", "--plugin=a"]), "measure takes two plugins, or none");
        assert_eq!(error(&["--backend", "horse"]), "there is no backend 'horse'");
        assert_eq!(error(&["--colour"]), "invalid option '--colour'");
        assert!(error(&["--shards=0"]).contains("there must be one at least"));
    }
}

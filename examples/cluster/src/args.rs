//! Reads the command line.

use std::ffi::OsString;
use std::path::PathBuf;

use lexopt::{Arg, Parser, ValueExt};
use otp::dist::NodeName;

/// What `--help` prints.
pub const HELP: &str = "\
A node of a counter in shards.

Usage: cluster --name <NAME> --cookie <FILE> [OPTIONS]

Options:
      --name <NAME>         which of the nodes this is: <NAME>@127.0.0.1
      --cookie <FILE>       file with the secret that all nodes share
      --nodes <NAMES>       the nodes that hold shards [default: a,b,c]
      --epmd <PORT>         port of epmd; the first node is one, if there is none [default: 4369]
      --backend <BACKEND>   executor to run on: tokio or smol [default: tokio]
  -h, --help                print this and exit
";

/// How to run a node.
#[derive(Debug, PartialEq, Eq)]
pub struct Options {
    /// The name of the node.
    pub name: NodeName,
    /// The file with the cookie.
    pub cookie: PathBuf,
    /// The nodes that hold shards.
    pub nodes: Vec<NodeName>,
    /// The port of epmd.
    pub epmd: u16,
    /// The executor.
    pub backend: Backend,
}

/// An executor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// `tokio`
    #[default]
    Tokio,
    /// `smol`
    Smol,
}

impl Options {
    /// Parses the arguments that follow the program's name; `None` asks for the [help](HELP).
    ///
    /// # Errors
    ///
    /// Names the first option, value or stray argument that makes no sense, or what is missing.
    pub fn parse<I>(arguments: I) -> Result<Option<Options>, lexopt::Error>
    where
        I: IntoIterator<Item: Into<OsString>>,
    {
        let mut parser = Parser::from_args(arguments);
        let (mut name, mut cookie) = (None, None);
        let (mut nodes, mut epmd, mut backend) = ("a,b,c".to_owned(), 4369, Backend::default());
        while let Some(argument) = parser.next()? {
            match argument {
                Arg::Short('h') | Arg::Long("help") => return Ok(None),
                Arg::Long("name") => name = Some(node(&parser.value()?.string()?)?),
                Arg::Long("cookie") => cookie = Some(parser.value()?.into()),
                Arg::Long("nodes") => nodes = parser.value()?.string()?,
                Arg::Long("epmd") => epmd = parser.value()?.parse()?,
                Arg::Long("backend") => {
                    backend = match parser.value()?.string()?.as_str() {
                        "tokio" => Backend::Tokio,
                        "smol" => Backend::Smol,
                        other => return Err(format!("there is no backend '{other}'").into()),
                    }
                }
                other => return Err(other.unexpected()),
            }
        }
        let nodes = nodes.split(',').map(node).collect::<Result<Vec<_>, _>>()?;
        let name = name.ok_or("--name is missing")?;
        if !nodes.contains(&name) {
            return Err(format!("{name} is not one of the nodes").into());
        }
        let cookie = cookie.ok_or("--cookie is missing")?;
        Ok(Some(Options { name, cookie, nodes, epmd, backend }))
    }
}

fn node(short: &str) -> Result<NodeName, lexopt::Error> {
    NodeName::new(&format!("{short}@127.0.0.1")).map_err(|error| error.to_string().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_node_needs_a_name_and_a_cookie() {
        let options = Options::parse(["--name", "b", "--cookie=c.txt", "--backend", "smol"]).unwrap().unwrap();
        assert_eq!((options.name.as_str(), options.backend, options.epmd), ("b@127.0.0.1", Backend::Smol, 4369));
        assert_eq!(options.nodes.len(), 3);
        assert_eq!(Options::parse(["-h"]).unwrap(), None);
        let error = |arguments: &[&str]| Options::parse(arguments).unwrap_err().to_string();
        assert_eq!(error(&[]), "--name is missing");
        assert_eq!(error(&["--name=a"]), "--cookie is missing");
        assert_eq!(error(&["--name=d", "--cookie=c"]), "d@127.0.0.1 is not one of the nodes");
        assert_eq!(error(&["--backend=horse"]), "there is no backend 'horse'");
        assert!(error(&["--nodes=a,,b", "--name=a"]).contains("names no node"));
    }
}

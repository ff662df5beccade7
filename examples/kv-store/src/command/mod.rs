//! Commands as types.

mod error;
mod keys;
mod parse;
mod set;

use bytes::Bytes;

use crate::resp::Reply;
use crate::shard::Op;

pub use error::CommandError;

/// A request that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Answered by the connection alone.
    Local(Local),
    /// `INFO`: answered by the connection, which asks the supervision tree.
    Info,
    /// `QUIT`: `+OK`, then close.
    Quit,
    /// Concerns keys: see [`plan`](crate::route::plan) for which shards.
    Data(Op),
}

impl Command {
    /// Parses the arguments of a request, the command's name first.
    ///
    /// Names and options count the same in upper and lower case.
    ///
    /// # Errors
    ///
    /// The text is Redis' own; the connection goes on.
    pub fn parse(arguments: Vec<Bytes>) -> Result<Self, CommandError> {
        parse::parse(arguments)
    }
}

/// A command whose answer depends on nothing but itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Local {
    /// `PING [message]`.
    Ping(Option<Bytes>),
    /// `ECHO message`.
    Echo(Bytes),
    /// `COMMAND`, `COMMAND DOCS` and the like: `redis-cli` asks at its start and takes an empty
    /// table for "no hints".
    CommandTable,
    /// `COMMAND COUNT`.
    CommandCount,
    /// `CONFIG GET name …`: `redis-benchmark` asks for `save` and `appendonly`.
    ConfigGet(Vec<Bytes>),
}

impl Local {
    /// Answers.
    #[must_use]
    pub fn reply(self) -> Reply {
        match self {
            Self::Ping(None) => Reply::Simple("PONG"),
            Self::Ping(Some(message)) | Self::Echo(message) => Reply::Bulk(message),
            Self::CommandTable => Reply::Array(Vec::new()),
            Self::CommandCount => Reply::count(parse::COMMANDS),
            Self::ConfigGet(names) => config(&names),
        }
    }
}

/// The settings that have a counterpart here.
const CONFIG: [(&str, &str); 2] = [("save", ""), ("appendonly", "yes")];

fn config(names: &[Bytes]) -> Reply {
    let asked = |setting: &str| names.iter().any(|name| name == "*" || name.eq_ignore_ascii_case(setting.as_bytes()));
    Reply::Array(
        CONFIG
            .into_iter()
            .filter(|(setting, _)| asked(setting))
            .flat_map(|(setting, value)| [setting, value])
            .map(|text| Reply::Bulk(Bytes::from_static(text.as_bytes())))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(line: &'static str) -> Reply {
        let arguments = line.split(' ').map(Bytes::from).collect();
        match Command::parse(arguments) {
            Ok(Command::Local(local)) => local.reply(),
            other => panic!("{line} is not local: {other:?}"),
        }
    }

    #[test]
    fn ping_and_echo_answer_with_what_they_were_given() {
        assert_eq!(reply("PING"), Reply::Simple("PONG"));
        assert_eq!(reply("ping hello"), Reply::Bulk("hello".into()));
        assert_eq!(reply("Echo hello"), Reply::Bulk("hello".into()));
    }

    #[test]
    fn config_answers_what_the_benchmark_asks() {
        assert_eq!(reply("CONFIG GET save"), Reply::Array(vec![Reply::Bulk("save".into()), Reply::Bulk("".into())]));
        assert_eq!(
            reply("config get AppendOnly"),
            Reply::Array(vec![Reply::Bulk("appendonly".into()), Reply::Bulk("yes".into())])
        );
        assert_eq!(reply("CONFIG GET maxmemory"), Reply::Array(vec![]));
    }

    #[test]
    fn the_command_table_is_empty_but_countable() {
        assert_eq!(reply("COMMAND"), Reply::Array(vec![]));
        assert_eq!(reply("COMMAND DOCS"), Reply::Array(vec![]));
        assert_eq!(reply("COMMAND COUNT"), Reply::Integer(20));
    }
}

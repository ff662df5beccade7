//! Finds the command a request names, and checks its arguments.

use bytes::Bytes;

use super::error::CommandError;
use super::{Command, Local, keys, set};
use crate::shard::Op;

/// How many commands there are.
pub(super) const COMMANDS: usize = 20;

/// Longest name of a command.
const MAX_NAME: usize = 8;

pub(super) fn parse(arguments: Vec<Bytes>) -> Result<Command, CommandError> {
    let mut lower = [0; MAX_NAME];
    let name = arguments.first().map_or(&[][..], |name| lowercase(name, &mut lower));
    let local = match name {
        b"get" => return data(keys::get(arguments)),
        b"set" => return data(set::set(arguments)),
        b"del" => return data(some("del", arguments).map(Op::Del)),
        b"exists" => return data(some("exists", arguments).map(Op::Exists)),
        b"incr" => return data(keys::incr(arguments)),
        b"incrby" => return data(keys::incrby(arguments)),
        b"mget" => return data(some("mget", arguments).map(Op::MGet)),
        b"mset" => return data(keys::mset(arguments)),
        b"expire" => return data(keys::expire(arguments)),
        b"ttl" => return data(exactly("ttl", arguments).map(|[_, key]| Op::Ttl(key))),
        b"keys" => return data(keys::keys(arguments)),
        b"dbsize" => return data(exactly("dbsize", arguments).map(|[_]| Op::DbSize)),
        b"flushall" => return data(keys::flushall(&arguments)),
        b"debug" => return data(debug(arguments)),
        b"quit" => return Ok(Command::Quit),
        b"info" => return Ok(Command::Info),
        b"ping" => ping(arguments)?,
        b"echo" => Local::Echo(exactly("echo", arguments).map(|[_, message]| message)?),
        b"command" => command(&arguments),
        b"config" => config(arguments)?,
        _ => return Err(unknown(&arguments)),
    };
    Ok(Command::Local(local))
}

/// Takes exactly `N` arguments, the name included.
pub(super) fn exactly<const N: usize>(name: &'static str, arguments: Vec<Bytes>) -> Result<[Bytes; N], CommandError> {
    arguments.try_into().map_err(|_| CommandError::WrongNumberOfArguments(name))
}

/// Takes at least one argument behind the name.
pub(super) fn some(name: &'static str, mut arguments: Vec<Bytes>) -> Result<Vec<Bytes>, CommandError> {
    if arguments.len() < 2 {
        return Err(CommandError::WrongNumberOfArguments(name));
    }
    arguments.remove(0);
    Ok(arguments)
}

fn data(op: Result<Op, CommandError>) -> Result<Command, CommandError> {
    op.map(Command::Data)
}

fn ping(mut arguments: Vec<Bytes>) -> Result<Local, CommandError> {
    match arguments.len() {
        1 => Ok(Local::Ping(None)),
        2 => Ok(Local::Ping(arguments.pop())),
        _ => Err(CommandError::WrongNumberOfArguments("ping")),
    }
}

fn command(arguments: &[Bytes]) -> Local {
    match arguments {
        [_, what] if what.eq_ignore_ascii_case(b"count") => Local::CommandCount,
        _ => Local::CommandTable,
    }
}

fn config(arguments: Vec<Bytes>) -> Result<Local, CommandError> {
    let mut rest = some("config", arguments)?;
    if !rest[0].eq_ignore_ascii_case(b"get") {
        return Err(CommandError::unknown_subcommand("config", &rest[0]));
    }
    if rest.len() < 2 {
        return Err(CommandError::WrongNumberOfArguments("config|get"));
    }
    rest.remove(0);
    Ok(Local::ConfigGet(rest))
}

fn debug(arguments: Vec<Bytes>) -> Result<Op, CommandError> {
    let rest = some("debug", arguments)?;
    if !rest[0].eq_ignore_ascii_case(b"panic") {
        return Err(CommandError::unknown_subcommand("debug", &rest[0]));
    }
    exactly("debug|panic", rest).map(|[_, key]| Op::Panic(key))
}

fn unknown(arguments: &[Bytes]) -> CommandError {
    match arguments {
        [name, rest @ ..] => CommandError::unknown(name, rest),
        [] => CommandError::unknown(b"", &[b""; 0]),
    }
}

/// The name in lower case, or nothing if it is longer than any command's.
fn lowercase<'a>(name: &[u8], lower: &'a mut [u8; MAX_NAME]) -> &'a [u8] {
    match lower.get_mut(..name.len()) {
        None => &[],
        Some(lower) => {
            lower.copy_from_slice(name);
            lower.make_ascii_lowercase();
            lower
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &'static str) -> Result<Command, CommandError> {
        super::parse(line.split(' ').map(Bytes::from).collect())
    }

    fn error(line: &'static str) -> String {
        parse(line).unwrap_err().to_string()
    }

    #[test]
    fn names_count_the_same_in_upper_and_lower_case() {
        assert_eq!(parse("GET a"), parse("get a"));
        assert_eq!(parse("gEt a"), Ok(Command::Data(Op::Get("a".into()))));
    }

    #[test]
    fn the_wrong_number_of_arguments_is_told_with_the_commands_name() {
        for line in [
            "GET",
            "GET a b",
            "SET a",
            "DEL",
            "EXISTS",
            "INCR",
            "INCRBY a",
            "MGET",
            "MSET",
            "MSET a",
            "MSET a b c",
            "EXPIRE a",
            "TTL",
            "TTL a b",
            "KEYS",
            "DBSIZE x",
            "ECHO",
            "PING a b",
            "CONFIG",
            "DEBUG",
        ] {
            let name = line.split(' ').next().unwrap().to_lowercase();
            assert_eq!(error(line), format!("ERR wrong number of arguments for '{name}' command"));
        }
    }

    #[test]
    fn unknown_commands_and_subcommands_are_named() {
        assert_eq!(error("LPUSH list a"), "ERR unknown command 'LPUSH', with args beginning with: 'list' 'a' ");
        assert_eq!(error("CONFIG SET x"), "ERR unknown subcommand 'SET' of 'config'");
        assert_eq!(error("DEBUG SLEEP 1"), "ERR unknown subcommand 'SLEEP' of 'debug'");
        assert_eq!(super::parse(vec![]).unwrap_err().to_string(), "ERR unknown command '', with args beginning with: ");
    }

    #[test]
    fn debug_panic_goes_to_the_keys_shard() {
        assert_eq!(parse("debug panic a"), Ok(Command::Data(Op::Panic("a".into()))));
        assert_eq!(error("DEBUG PANIC"), "ERR wrong number of arguments for 'debug|panic' command");
    }

    #[test]
    fn info_takes_any_section() {
        assert_eq!(parse("INFO"), Ok(Command::Info));
        assert_eq!(parse("INFO server"), Ok(Command::Info));
        assert_eq!(parse("QUIT"), Ok(Command::Quit));
    }
}

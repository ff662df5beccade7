//! Parses the commands about keys, `SET` apart.

use std::time::Duration;

use bytes::Bytes;

use super::error::CommandError;
use super::parse::{exactly, some};
use crate::resp::parse_integer;
use crate::shard::{Glob, Op};

/// Longest time to live: half of the 63 bits of milliseconds where Redis stops, so that the time
/// of expiry is always within them.
pub(super) const MAX_TTL: Duration = Duration::from_millis(u64::MAX / 4);

pub(super) fn get(arguments: Vec<Bytes>) -> Result<Op, CommandError> {
    exactly("get", arguments).map(|[_, key]| Op::Get(key))
}

pub(super) fn incr(arguments: Vec<Bytes>) -> Result<Op, CommandError> {
    exactly("incr", arguments).map(|[_, key]| Op::IncrBy { key, delta: 1 })
}

pub(super) fn incrby(arguments: Vec<Bytes>) -> Result<Op, CommandError> {
    let [_, key, delta] = exactly("incrby", arguments)?;
    let delta = parse_integer(&delta).ok_or(CommandError::NotAnInteger)?;
    Ok(Op::IncrBy { key, delta })
}

pub(super) fn mset(arguments: Vec<Bytes>) -> Result<Op, CommandError> {
    if arguments.len() < 3 || arguments.len().is_multiple_of(2) {
        return Err(CommandError::WrongNumberOfArguments("mset"));
    }
    let mut arguments = arguments.into_iter().skip(1);
    let mut pairs = Vec::with_capacity(arguments.len() / 2);
    while let (Some(key), Some(value)) = (arguments.next(), arguments.next()) {
        pairs.push((key, value));
    }
    Ok(Op::MSet(pairs))
}

pub(super) fn expire(arguments: Vec<Bytes>) -> Result<Op, CommandError> {
    let rest = some("expire", arguments)?;
    let (key, seconds) = match rest.as_slice() {
        [key, seconds] => (key, seconds),
        [_, _, option, ..] => return Err(CommandError::unsupported_option(option)),
        _ => return Err(CommandError::WrongNumberOfArguments("expire")),
    };
    let seconds = parse_integer(seconds).ok_or(CommandError::NotAnInteger)?;
    // A time that has passed deletes the key, and so does no time at all.
    let after = Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    if after > MAX_TTL || seconds < -(i64::MAX / 1000) {
        return Err(CommandError::InvalidExpireTime("expire"));
    }
    Ok(Op::Expire { key: key.clone(), after })
}

pub(super) fn keys(arguments: Vec<Bytes>) -> Result<Op, CommandError> {
    let [_, pattern] = exactly("keys", arguments)?;
    if pattern.len() > Glob::MAX_LEN {
        return Err(CommandError::PatternTooLong);
    }
    Ok(Op::Keys(pattern))
}

pub(super) fn flushall(arguments: &[Bytes]) -> Result<Op, CommandError> {
    match arguments {
        [_] => Ok(Op::FlushAll),
        [_, how] if how.eq_ignore_ascii_case(b"sync") || how.eq_ignore_ascii_case(b"async") => Ok(Op::FlushAll),
        _ => Err(CommandError::Syntax),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Command;
    use super::*;

    fn parse(line: &'static str) -> Result<Op, String> {
        match Command::parse(line.split(' ').map(Bytes::from).collect()) {
            Ok(Command::Data(op)) => Ok(op),
            Ok(other) => panic!("{other:?}"),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn increments_are_strict_integers() {
        assert_eq!(parse("INCR a"), Ok(Op::IncrBy { key: "a".into(), delta: 1 }));
        assert_eq!(parse("INCRBY a -5"), Ok(Op::IncrBy { key: "a".into(), delta: -5 }));
        for line in ["INCRBY a 1.5", "INCRBY a +1", "INCRBY a 9223372036854775808"] {
            assert_eq!(parse(line).unwrap_err(), "ERR value is not an integer or out of range");
        }
    }

    #[test]
    fn mset_pairs_keys_with_values() {
        assert_eq!(parse("MSET a 1 b 2"), Ok(Op::MSet(vec![("a".into(), "1".into()), ("b".into(), "2".into())])));
    }

    #[test]
    fn an_expire_time_in_the_past_is_zero() {
        let expire = |after| Ok(Op::Expire { key: "a".into(), after });
        assert_eq!(parse("EXPIRE a 10"), expire(Duration::from_secs(10)));
        assert_eq!(parse("EXPIRE a 0"), expire(Duration::ZERO));
        assert_eq!(parse("EXPIRE a -1"), expire(Duration::ZERO));
    }

    #[test]
    fn expire_refuses_options_and_times_beyond_the_clock() {
        assert_eq!(parse("EXPIRE a 10 NX").unwrap_err(), "ERR Unsupported option NX");
        for line in ["EXPIRE a 9223372036854775807", "EXPIRE a -9223372036854775807"] {
            assert_eq!(parse(line).unwrap_err(), "ERR invalid expire time in 'expire' command");
        }
        assert_eq!(parse("EXPIRE a soon").unwrap_err(), "ERR value is not an integer or out of range");
    }

    #[test]
    fn flushall_takes_sync_and_async_and_nothing_else() {
        assert_eq!(parse("FLUSHALL"), Ok(Op::FlushAll));
        assert_eq!(parse("FLUSHALL ASYNC"), Ok(Op::FlushAll));
        assert_eq!(parse("FLUSHALL NOW").unwrap_err(), "ERR syntax error");
    }

    #[test]
    fn a_pattern_has_a_longest_length() {
        let arguments = vec!["KEYS".into(), vec![b'*'; Glob::MAX_LEN + 1].into()];
        assert_eq!(Command::parse(arguments), Err(CommandError::PatternTooLong));
    }
}

//! Parses `SET` and its options.

use std::time::Duration;

use bytes::Bytes;

use super::error::CommandError;
use super::keys::MAX_TTL;
use crate::resp::parse_integer;
use crate::shard::{Condition, Op};

pub(super) fn set(arguments: Vec<Bytes>) -> Result<Op, CommandError> {
    let mut arguments = arguments.into_iter().skip(1);
    let (Some(key), Some(value)) = (arguments.next(), arguments.next()) else {
        return Err(CommandError::WrongNumberOfArguments("set"));
    };
    let mut ttl = None;
    let mut condition = None;
    while let Some(option) = arguments.next() {
        if option.eq_ignore_ascii_case(b"nx") {
            once(&mut condition, Condition::Absent)?;
        } else if option.eq_ignore_ascii_case(b"xx") {
            once(&mut condition, Condition::Present)?;
        } else if option.eq_ignore_ascii_case(b"ex") {
            let seconds = positive(arguments.next())?;
            once(&mut ttl, Duration::from_secs(seconds))?;
        } else if option.eq_ignore_ascii_case(b"px") {
            let millis = positive(arguments.next())?;
            once(&mut ttl, Duration::from_millis(millis))?;
        } else {
            return Err(CommandError::Syntax);
        }
    }
    match ttl {
        Some(ttl) if ttl.is_zero() || ttl > MAX_TTL => Err(CommandError::InvalidExpireTime("set")),
        ttl => Ok(Op::Set { key, value, ttl, condition }),
    }
}

/// Sets what may be set once; Redis also lets the same condition be repeated.
fn once<T: PartialEq>(slot: &mut Option<T>, value: T) -> Result<(), CommandError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(CommandError::Syntax),
    }
}

/// Reads the number behind `EX` or `PX`; what is not above zero becomes zero.
fn positive(number: Option<Bytes>) -> Result<u64, CommandError> {
    let number = number.ok_or(CommandError::Syntax)?;
    let number = parse_integer(&number).ok_or(CommandError::NotAnInteger)?;
    Ok(u64::try_from(number).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &'static str) -> Result<Op, String> {
        set(line.split(' ').map(Bytes::from).collect()).map_err(|error| error.to_string())
    }

    fn op(ttl: Option<Duration>, condition: Option<Condition>) -> Op {
        Op::Set { key: "a".into(), value: "b".into(), ttl, condition }
    }

    #[test]
    fn options_come_in_any_order_and_case() {
        assert_eq!(parse("SET a b"), Ok(op(None, None)));
        let seconds = Some(Duration::from_secs(10));
        assert_eq!(parse("SET a b EX 10 NX"), Ok(op(seconds, Some(Condition::Absent))));
        assert_eq!(parse("SET a b xx px 10000"), Ok(op(seconds, Some(Condition::Present))));
    }

    #[test]
    fn options_that_contradict_each_other_are_a_syntax_error() {
        for line in
            ["SET a b NX XX", "SET a b EX 1 PX 1", "SET a b EX 1 EX 1", "SET a b EX", "SET a b KEEP", "SET a b c"]
        {
            assert_eq!(parse(line).unwrap_err(), "ERR syntax error", "{line}");
        }
    }

    #[test]
    fn expire_times_are_integers_above_zero_and_within_the_clock() {
        assert_eq!(parse("SET a b EX 1.5").unwrap_err(), "ERR value is not an integer or out of range");
        for line in
            ["SET a b EX 0", "SET a b PX -1", "SET a b EX 9223372036854775807", "SET a b PX 9223372036854775807"]
        {
            assert_eq!(parse(line).unwrap_err(), "ERR invalid expire time in 'set' command", "{line}");
        }
    }
}

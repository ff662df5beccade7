//! Why a request is not a command.

use thiserror::Error;

use crate::resp::Reply;

/// Longest stretch of a client's own text that an error repeats.
const MAX_QUOTED: usize = 128;

/// Why a request is not a command.
///
/// The text is the error reply Redis gives, without the leading `-`.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum CommandError {
    /// There is no such command.
    #[error("ERR unknown command '{name}', with args beginning with: {arguments}")]
    Unknown {
        /// What was asked for, shortened.
        name: String,
        /// The first arguments, quoted and shortened.
        arguments: String,
    },
    /// The command has no such subcommand.
    #[error("ERR unknown subcommand '{subcommand}' of '{command}'")]
    UnknownSubcommand {
        /// The command, in lower case.
        command: &'static str,
        /// What was asked for, shortened.
        subcommand: String,
    },
    /// Too many arguments, or too few.
    #[error("ERR wrong number of arguments for '{0}' command")]
    WrongNumberOfArguments(&'static str),
    /// An argument ought to be a 64-bit integer.
    #[error("ERR value is not an integer or out of range")]
    NotAnInteger,
    /// Options that do not exist or do not go together.
    #[error("ERR syntax error")]
    Syntax,
    /// A time to live that is not above zero, or beyond what a clock can hold.
    #[error("ERR invalid expire time in '{0}' command")]
    InvalidExpireTime(&'static str),
    /// `EXPIRE` was given a condition.
    #[error("ERR Unsupported option {0}")]
    UnsupportedOption(String),
    /// A `KEYS` pattern that would keep a shard busy for too long.
    #[error("ERR pattern is longer than {} bytes", crate::shard::Glob::MAX_LEN)]
    PatternTooLong,
}

impl CommandError {
    pub(super) fn unknown(name: &[u8], arguments: &[impl AsRef<[u8]>]) -> Self {
        let mut quoted = String::new();
        for argument in arguments {
            if quoted.len() >= MAX_QUOTED {
                break;
            }
            let text = shorten(argument.as_ref(), MAX_QUOTED - quoted.len());
            quoted.extend(["'", &text, "' "]);
        }
        Self::Unknown { name: shorten(name, MAX_QUOTED), arguments: quoted }
    }

    pub(super) fn unknown_subcommand(command: &'static str, subcommand: &[u8]) -> Self {
        Self::UnknownSubcommand { command, subcommand: shorten(subcommand, MAX_QUOTED) }
    }

    pub(super) fn unsupported_option(option: &[u8]) -> Self {
        Self::UnsupportedOption(shorten(option, MAX_QUOTED))
    }
}

impl From<CommandError> for Reply {
    fn from(error: CommandError) -> Self {
        Self::error(error.to_string())
    }
}

fn shorten(text: &[u8], max: usize) -> String {
    String::from_utf8_lossy(&text[..text.len().min(max)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_sent_is_repeated_in_part_only() {
        let long = "x".repeat(1 << 20);
        let text = CommandError::unknown(long.as_bytes(), &vec![&long; 1000]).to_string();
        assert!(text.len() < 400, "{}", text.len());
    }

    #[test]
    fn the_text_for_an_unknown_command_is_the_one_redis_gives() {
        assert_eq!(
            CommandError::unknown(b"foo", &["a", "b"]).to_string(),
            "ERR unknown command 'foo', with args beginning with: 'a' 'b' "
        );
    }
}

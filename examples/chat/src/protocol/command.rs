use thiserror::Error;

/// What a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command<'a> {
    /// Take this name.
    Nick(&'a str),
    /// Enter this room, and leave the one before.
    Join(&'a str),
    /// Leave the room.
    Leave,
    /// List the users of the room.
    Who,
    /// List the rooms.
    Rooms,
    /// Explain the commands.
    Help,
    /// End the connection.
    Quit,
    /// Say this to the room.
    Say(&'a str),
}

/// What `/help` says.
pub const HELP: &str = "/nick NAME, /join ROOM, /leave, /who, /rooms, /quit; anything else is said to the room";

/// Why a line is no command.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BadCommand {
    /// There is no such command.
    #[error("there is no command {0}; try /help")]
    Unknown(String),
    /// It takes one word.
    #[error("usage: {0}")]
    Usage(&'static str),
    /// It takes no words.
    #[error("{0} stands alone")]
    NoArguments(String),
    /// That is no name of a user or a room.
    #[error("a name has 1 to {} letters, digits, - and _ of ASCII", Command::LONGEST_NAME)]
    Name,
}

impl<'a> Command<'a> {
    /// The longest name of a user or a room.
    pub const LONGEST_NAME: usize = 24;

    /// Reads a line.
    ///
    /// # Errors
    ///
    /// [`BadCommand`], for a line that begins with a slash.
    pub fn parse(line: &'a str) -> Result<Self, BadCommand> {
        if !line.starts_with('/') {
            return Ok(Self::Say(line));
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            ["/nick", nick] => name(nick).map(Self::Nick),
            ["/join", room] => name(room).map(Self::Join),
            ["/leave"] => Ok(Self::Leave),
            ["/who"] => Ok(Self::Who),
            ["/rooms"] => Ok(Self::Rooms),
            ["/help"] => Ok(Self::Help),
            ["/quit"] => Ok(Self::Quit),
            ["/nick", ..] => Err(BadCommand::Usage("/nick NAME")),
            ["/join", ..] => Err(BadCommand::Usage("/join ROOM")),
            [command @ ("/leave" | "/who" | "/rooms" | "/help" | "/quit"), ..] => {
                Err(BadCommand::NoArguments(command.to_owned()))
            }
            _ => Err(BadCommand::Unknown(words[0].to_owned())),
        }
    }
}

fn name(text: &str) -> Result<&str, BadCommand> {
    let is_name = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_name && (1..=Command::LONGEST_NAME).contains(&text.len()) { Ok(text) } else { Err(BadCommand::Name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_with_a_slash_is_a_command_and_any_other_is_said() {
        for (line, command) in [
            ("/nick ann", Command::Nick("ann")),
            ("/join  kitchen-2 ", Command::Join("kitchen-2")),
            ("/leave", Command::Leave),
            ("/who", Command::Who),
            ("/rooms", Command::Rooms),
            ("/help", Command::Help),
            ("/quit", Command::Quit),
            ("hello, /nick", Command::Say("hello, /nick")),
            (" /quit", Command::Say(" /quit")),
        ] {
            assert_eq!(Command::parse(line), Ok(command));
        }
    }

    #[test]
    fn a_command_that_makes_no_sense_says_what_would() {
        for (line, error) in [
            ("/dance", "there is no command /dance; try /help"),
            ("/", "there is no command /; try /help"),
            ("/nick", "usage: /nick NAME"),
            ("/who are you", "/who stands alone"),
            ("/nick a b", "usage: /nick NAME"),
            ("/nick a:b", "a name has 1 to 24 letters, digits, - and _ of ASCII"),
            ("/join kitchen-with-a-longer-name", "a name has 1 to 24 letters, digits, - and _ of ASCII"),
        ] {
            assert_eq!(Command::parse(line).unwrap_err().to_string(), error);
        }
    }
}

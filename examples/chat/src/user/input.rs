//! What a client asks for.

use std::sync::Arc;

use futures::AsyncReadExt;
use otp::ProcessRef;
use otp::process::yield_now;
use otp::runtime::net::ReadHalf;

use super::presence::{Presence, Refusal};
use super::{End, Event};
use crate::protocol::{BadLine, Command, HELP, Lines};
use crate::tree::Tree;

/// What comes of a line.
enum Outcome {
    /// Said to the room, whose echo is the answer; or an empty line, which only shows that somebody is there.
    Said,
    Answer(String),
    Quit,
}

/// Reads lines and does what they ask for, until the client leaves; `me` is the user's own process. The last thing it
/// does is to send the farewell.
pub(super) async fn run(
    tree: Arc<Tree>,
    me: ProcessRef<Event>,
    mut presence: Presence,
    socket: ReadHalf,
) -> Result<(), End> {
    let mut source = Source { socket, lines: Lines::default() };
    let answer = |event| me.try_send(event).map_err(|_| End::Overrun);
    answer(Event::Answer(format!("* welcome: {HELP}")))?;
    let farewell = loop {
        let outcome = match tree.system.timeout(tree.options.idle, source.line()).await {
            Err(_) => break "! silent for too long",
            Ok(line) => match line? {
                None => break "* bye",
                Some(line) => obey(&mut presence, line),
            },
        };
        match outcome {
            Ok(Outcome::Said) => {}
            Ok(Outcome::Answer(text)) => answer(Event::Answer(format!("* {text}")))?,
            Ok(Outcome::Quit) => break "* bye",
            Err(refusal) => answer(Event::Answer(format!("! {refusal}")))?,
        }
        // A client that sends without a pause must neither keep the thread to itself nor its answers from being written.
        yield_now().await;
    };
    answer(Event::Farewell(farewell.to_owned()))
}

fn obey(presence: &mut Presence, line: Result<String, BadLine>) -> Result<Outcome, Refusal> {
    let line = line?;
    let answer = match Command::parse(&line)? {
        Command::Nick(nick) => presence.rename(nick)?,
        Command::Join(room) => presence.join(room)?,
        Command::Leave => presence.leave()?,
        Command::Who => presence.who()?,
        Command::Rooms => presence.list_rooms()?,
        Command::Help => HELP.to_owned(),
        Command::Quit => return Ok(Outcome::Quit),
        Command::Say(text) => {
            if !text.trim().is_empty() {
                presence.say(text)?;
            }
            return Ok(Outcome::Said);
        }
    };
    Ok(Outcome::Answer(answer))
}

struct Source {
    socket: ReadHalf,
    lines: Lines,
}

impl Source {
    /// The next line, or why it is refused; `None` at the end.
    async fn line(&mut self) -> Result<Option<Result<String, BadLine>>, End> {
        loop {
            if let Some(line) = self.lines.next_line() {
                return Ok(Some(line));
            }
            let mut piece = [0; Lines::MAX];
            match self.socket.read(&mut piece).await {
                Ok(0) => return Ok(None),
                Ok(read) => self.lines.push(&piece[..read]),
                Err(error) => return Err(End::Lost(error.kind())),
            }
        }
    }
}

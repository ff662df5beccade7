//! Who a user is to the others.

use std::sync::Arc;

use otp::registry::{JoinError, NoScope, RegisterError};
use otp::{Address, Process, ProcessContext};
use thiserror::Error;

use super::{Event, Line};
use crate::protocol::{BadCommand, BadLine};
use crate::tree::Tree;

/// The nick of a user and its place in a room. Dropping it gives both up, and tells the room: so that happens however the
/// process ends, and before anybody is told of that end.
#[derive(Debug)]
pub(super) struct Presence {
    tree: Arc<Tree>,
    process: Process,
    /// Where the lines of the room go: as they come through a mapped address, they are broadcast to the mailbox.
    ears: Address<Line>,
    nick: Option<String>,
    room: Option<String>,
}

/// Why a line of the client was not obeyed.
#[derive(Debug, Error)]
pub(super) enum Refusal {
    #[error(transparent)]
    Line(#[from] BadLine),
    #[error(transparent)]
    Command(#[from] BadCommand),
    #[error("the nick {0} is taken")]
    Taken(String),
    #[error("who are you? /nick NAME")]
    NoNick,
    #[error("you are in no room: /join ROOM")]
    NoRoom,
    #[error("the nicks are out of order; come again")]
    NoNicks,
    #[error(transparent)]
    Join(#[from] JoinError),
    #[error(transparent)]
    NoScope(#[from] NoScope),
}

impl Presence {
    pub(super) fn new(tree: &Arc<Tree>, ctx: &ProcessContext<Event>) -> Self {
        let ears = Address::from(ctx.this()).map_message(Event::Heard);
        Self { tree: tree.clone(), process: Process::clone(ctx), ears, nick: None, room: None }
    }

    /// Takes a nick, unless another user has it, and gives the one before up.
    pub(super) fn rename(&mut self, nick: &str) -> Result<String, Refusal> {
        if self.nick.as_deref() != Some(nick) {
            self.tree.nicks.register(&self.process, nick.to_owned(), ()).map_err(|error| match error {
                RegisterError::Taken { key, .. } => Refusal::Taken(key),
                _ => Refusal::NoNicks,
            })?;
            if let Some(old) = self.nick.replace(nick.to_owned()) {
                self.tree.nicks.unregister(&self.process, &old);
                self.announce(format!("* {old} is now {nick}"));
            }
        }
        Ok(format!("you are {nick}"))
    }

    /// Enters a room, after leaving the one before.
    pub(super) fn join(&mut self, room: &str) -> Result<String, Refusal> {
        let nick = self.nick.as_ref().ok_or(Refusal::NoNick)?.clone();
        if self.room.as_deref() != Some(room) {
            self.vacate();
            self.tree.rooms.join(room, self.ears.clone())?;
            self.room = Some(room.to_owned());
            self.announce(format!("* {nick} joins {room}"));
        }
        self.who()
    }

    pub(super) fn leave(&mut self) -> Result<String, Refusal> {
        let room = self.vacate().ok_or(Refusal::NoRoom)?;
        Ok(format!("you have left {room}"))
    }

    /// Says something to the room, in which this user hears it, too.
    pub(super) fn say(&self, text: &str) -> Result<(), Refusal> {
        let nick = self.nick.as_ref().ok_or(Refusal::NoNick)?;
        self.room.as_ref().ok_or(Refusal::NoRoom)?;
        self.announce(format!("{nick}: {text}"));
        Ok(())
    }

    pub(super) fn who(&self) -> Result<String, Refusal> {
        let room = self.room.as_ref().ok_or(Refusal::NoRoom)?;
        let members = self.tree.rooms.members(room.as_str());
        let nicks: Vec<String> = members.iter().flat_map(|member| self.tree.nicks.keys(member.pid())).collect();
        Ok(format!("in {room}: {}", nicks.join(", ")))
    }

    pub(super) fn list_rooms(&self) -> Result<String, Refusal> {
        let rooms = self.tree.rooms.groups()?;
        let rooms = rooms.iter().map(|room| format!("{room} ({})", self.tree.rooms.members(room.as_str()).len()));
        Ok(format!("rooms: {}", rooms.collect::<Vec<_>>().join(", ")))
    }

    /// Leaves the room, and tells those who stay.
    fn vacate(&mut self) -> Option<String> {
        let room = self.room.take()?;
        // It fails only if the groups are gone, and all memberships with them.
        let _ = self.tree.rooms.leave(room.as_str(), self.process.pid());
        let nick = self.nick.as_deref().unwrap_or_default();
        self.tree.rooms.broadcast(room.as_str(), format!("* {nick} leaves {room}").into());
        Some(room)
    }

    fn announce(&self, line: String) {
        if let Some(room) = &self.room {
            self.tree.rooms.broadcast(room.as_str(), line.into());
        }
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        self.vacate();
        if let Some(nick) = self.nick.take() {
            self.tree.nicks.unregister(&self.process, &nick);
        }
    }
}

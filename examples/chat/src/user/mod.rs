//! One process for each user. It owns the connection, the nick and the place in a room, and all of them end with it.
//!
//! It does two things at a time. `input` reads lines and does what they ask for: it speaks to the room, and answers.
//! `output` takes what comes for this user out of the mailbox, and writes it. Neither waits for the other: a client
//! that does not read is still heard.
//!
//! So what waits for a client that does not read waits in the mailbox, whose policy bounds it, in two lanes:
//!
//! - **broadcast**, the lines of the room, also this user's own: there is room for `--backlog` of them. After that each new
//!   one takes the place of the oldest, and the client is told how many it has lost when it reads again. So nobody waits
//!   for a slow reader, and a fast speaker who does not read all its own echoes loses some of them, and nothing else.
//! - **input**, the answers to the client's own commands. Who sends more commands than it reads answers to is
//!   [thrown out](End::Overrun).
//!
//! A client that takes nothing at all for `--patience` is [thrown out](End::TooSlow), too.

mod input;
mod output;
mod presence;

use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{Either, select};
use otp::prelude::*;
use otp::process::{MailboxPolicy, Overflow};
use otp::runtime::net::{NetAddr, Stream};
use thiserror::Error;

use crate::tree::Tree;
use presence::Presence;

/// How long a user has to read the farewell when the server stops.
pub const GRACE: Duration = Duration::from_secs(2);

/// How many answers may wait.
const ANSWERS: usize = 64;

/// What comes for a user.
#[derive(Debug)]
pub enum Event {
    /// The connection: first of all, and once.
    Connected(Stream),
    /// A line of the room.
    Heard(Line),
    /// An answer to a line of the client.
    Answer(String),
    /// The last answer; the connection ends when it is written.
    Farewell(String),
}

/// A line of a room, which all its users share.
pub type Line = Arc<str>;

/// Why the process of a user ended otherwise than by its client's, or the server's, wish.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum End {
    /// The client took nothing for too long.
    #[error("the client does not read")]
    TooSlow,
    /// The client sent more commands than it read answers to.
    #[error("the client does not read its answers")]
    Overrun,
    /// The connection broke.
    #[error("the connection broke: {0}")]
    Lost(io::ErrorKind),
}

/// The process for one client, which is sent the socket once it has started. It is never started again: its socket is gone
/// with it.
pub(crate) fn spec(tree: Arc<Tree>, peer: NetAddr) -> ChildSpec<ProcessRef<Event>> {
    let start = async move |users: Process| -> Result<ProcessRef<Event>, StartError> {
        let options = SpawnOptions::new()
            .link()
            .label(format!("user from {peer}"))
            .trap_exit(true)
            .policy(policy(tree.options.backlog));
        let spawned = users.spawn_with(options, move |ctx| run(tree, ctx))?;
        Ok(spawned.process)
    };
    ChildSpec::worker("user", start).restart(Restart::Temporary).shutdown(Shutdown::Timeout(GRACE))
}

/// What the room sends comes through a mapped address, and is broadcast; all else is input.
fn policy(backlog: usize) -> MailboxPolicy<Event> {
    MailboxPolicy::new().input(ANSWERS, Overflow::Refuse).broadcast(backlog, Overflow::DropOldest)
}

async fn run(tree: Arc<Tree>, mut ctx: ProcessContext<Event>) -> ExitReason {
    // Without a limit it would keep its seat for ever if the listener crashed just now.
    let Some(Message::User(Event::Connected(socket))) = ctx.receive_timeout(GRACE).await else {
        return ExitReason::Shutdown;
    };
    let peer = socket.peer().clone();
    let Err(end) = serve(tree, &mut ctx, socket).await else { return ExitReason::Normal };
    tracing::info!(%peer, %end, "a client was dropped");
    // A quiet reason: that a client is gone is no failure of this process.
    ExitReason::shutdown_with(end)
}

async fn serve(tree: Arc<Tree>, ctx: &mut ProcessContext<Event>, socket: Stream) -> Result<(), End> {
    let (reader, writer) = socket.split();
    let presence = Presence::new(&tree, ctx);
    let input = pin!(input::run(tree.clone(), ctx.this(), presence, reader));
    let output = pin!(output::run(&tree, ctx, writer));
    match select(output, input).await {
        Either::Left((end, _)) => end,
        // The farewell is in the mailbox.
        Either::Right((Ok(()), output)) => output.await,
        Either::Right((Err(end), _)) => Err(end),
    }
}

use std::io;
use std::pin::pin;
use std::sync::Arc;

use futures::future::{Either, select};
use otp::runtime::net::Stream;
use otp::{Message, ProcessContext};

use super::inbox::{Inbox, weight};
use super::outlet::Outlet;
use crate::command::Command;
use crate::info;
use crate::pipeline::Pipeline;
use crate::resp::Reply;
use crate::tree::Tree;

/// Serves the client whose socket this process is sent, until that leaves, or breaks the protocol, or this process is asked
/// to end.
pub(super) async fn run(tree: Arc<Tree>, mut ctx: ProcessContext<Stream>) {
    let Message::User(stream) = ctx.receive().await else { return };
    let mut session = Session { tree, stream, inbox: Inbox::default(), outlet: Outlet::default() };
    // That a client is gone is no failure of this process.
    if let Err(error) = session.serve(&mut ctx).await {
        tracing::debug!(peer = %session.stream.peer(), %error, "lost a client");
    }
}

/// A client, from hello to goodbye.
struct Session {
    tree: Arc<Tree>,
    stream: Stream,
    inbox: Inbox,
    outlet: Outlet,
}

/// The commands that are answered together.
struct Round {
    pipeline: Pipeline,
    /// Nothing that follows will be answered.
    is_last: bool,
}

/// How much a round may weigh.
const ROUND: usize = 1000;

impl Session {
    async fn serve(&mut self, ctx: &mut ProcessContext<Stream>) -> io::Result<()> {
        loop {
            let round = self.gather().await;
            if round.pipeline.is_empty() {
                // Asked to end, it does so here, where everything that was read is answered.
                let (asked, read) = (pin!(ctx.receive()), pin!(self.inbox.read(&mut self.stream)));
                match select(asked, read).await {
                    Either::Right((Ok(true), _)) => continue,
                    Either::Right((end, _)) => return end.map(drop),
                    Either::Left(_) => return Ok(()),
                }
            }
            self.answer(round.pipeline).await;
            self.outlet.flush(&mut self.stream, &self.tree.system, self.tree.write_timeout()).await?;
            if round.is_last {
                return Ok(());
            }
        }
    }

    /// Takes whole requests out of the inbox, up to a bound.
    async fn gather(&mut self) -> Round {
        let mut pipeline = Pipeline::new(self.tree.shards.len());
        let mut room = ROUND;
        while room > 0 {
            let command = match self.inbox.next() {
                Ok(None) => break,
                Ok(Some(arguments)) => Command::parse(arguments),
                Err(error) => {
                    pipeline.answer(error);
                    return Round { pipeline, is_last: true };
                }
            };
            room = room.saturating_sub(command.as_ref().map_or(1, weight));
            match command {
                Ok(Command::Data(op)) => pipeline.push(op),
                Ok(Command::Local(local)) => pipeline.answer(local.reply()),
                Ok(Command::Info) => pipeline.answer(Reply::Bulk(info::text(&self.tree).await.into())),
                Ok(Command::Quit) => {
                    pipeline.answer(Reply::OK);
                    return Round { pipeline, is_last: true };
                }
                Err(error) => pipeline.answer(error),
            }
        }
        Round { pipeline, is_last: false }
    }

    /// Asks the shards, and puts the replies where they are written from.
    async fn answer(&mut self, pipeline: Pipeline) {
        let (batches, pending) = pipeline.deal();
        if batches.is_empty() {
            // Nothing to wait for: a client that only ever sends PING must not keep the thread to itself.
            otp::process::yield_now().await;
        }
        for reply in pending.collect(self.tree.ask(batches).await) {
            self.outlet.push(reply);
        }
    }
}

//! What is written to a client.

use std::io::ErrorKind;
use std::time::Duration;

use futures::AsyncWriteExt;
use otp::runtime::net::WriteHalf;
use otp::{Message, ProcessContext};

use super::{End, Event};
use crate::tree::Tree;

/// About how much is written at a time.
const PIECE: usize = 16 << 10;

/// Lines that are written together.
#[derive(Default)]
struct Batch {
    text: String,
    is_last: bool,
}

/// Writes what comes for a client, until the farewell.
pub(super) async fn run(tree: &Tree, ctx: &mut ProcessContext<Event>, mut socket: WriteHalf) -> Result<(), End> {
    let mut told = 0;
    loop {
        let batch = next_batch(ctx).await;
        // What is lost is older than what is left.
        let lost = lost(ctx);
        if lost > told {
            let notice = format!("! {} lines are lost: you read too slowly\n", lost - told);
            write(tree, &mut socket, &notice).await?;
            told = lost;
        }
        write(tree, &mut socket, &batch.text).await?;
        if batch.is_last {
            // The client may be gone already.
            let _ = socket.close().await;
            return Ok(());
        }
    }
}

/// Waits for an event, and takes those that are there as well.
async fn next_batch(ctx: &mut ProcessContext<Event>) -> Batch {
    let mut batch = Batch::default();
    let mut next = Some(ctx.receive().await);
    while let Some(message) = next {
        match message {
            Message::User(Event::Heard(line)) => batch.push(&line),
            Message::User(Event::Answer(line)) => batch.push(&line),
            Message::User(Event::Farewell(line)) => batch.push_last(&line),
            Message::Exit(_) => batch.push_last("* the server stops"),
            _ => {}
        }
        if batch.is_last || batch.text.len() >= PIECE {
            break;
        }
        next = ctx.receive_timeout(Duration::ZERO).await;
    }
    batch
}

impl Batch {
    fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn push_last(&mut self, line: &str) {
        self.push(line);
        self.is_last = true;
    }
}

/// How many lines the mailbox has dropped so far.
fn lost(ctx: &ProcessContext<Event>) -> u64 {
    let info = ctx.system().info(ctx.pid());
    info.and_then(|info| info.load).map_or(0, |load| load.dropped)
}

/// Writes all of it; fails if the client takes nothing for too long.
async fn write(tree: &Tree, socket: &mut WriteHalf, text: &str) -> Result<(), End> {
    let mut bytes = text.as_bytes();
    while !bytes.is_empty() {
        let written = tree.system.timeout(tree.options.patience, socket.write(bytes)).await;
        match written.map_err(|_| End::TooSlow)? {
            Ok(0) => return Err(End::Lost(ErrorKind::WriteZero)),
            Ok(written) => bytes = &bytes[written..],
            Err(error) => return Err(End::Lost(error.kind())),
        }
    }
    Ok(())
}

//! The process for one client: a line is a request, and a line is its answer.
//!
//! | line | answer |
//! |---|---|
//! | `reload` | the code is loaded again from the file that the program was started with: `reloaded: release 2` |
//! | `loaded` | how many plugins are in the memory of the process |
//! | `report KEY` | all lines of the server with this key, as it was when it was asked, then an empty line |
//! | `… KEY …` | what the plugin answers |
//!
//! A line that begins with `! ` says what went wrong. The path is not the client's to choose: a library that is loaded can
//! do everything that the program can.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use futures::channel::mpsc;
use futures::executor::block_on;
use futures::io::BufReader;
use futures::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, SinkExt, StreamExt};
use otp::prelude::*;
use otp::runtime::net::{NetAddr, ReadHalf, Stream, WriteHalf};

use crate::mapped;
use crate::serve::Serving;

/// How long a client that has connected may be without its process, or a process without its client.
const GRACE: Duration = Duration::from_secs(2);

/// The longest line.
const LONGEST: u64 = 1024;

/// The process for a client, which is sent the socket once it has started.
pub(crate) fn spec(serving: Arc<Serving>, peer: NetAddr) -> ChildSpec<ProcessRef<Stream>> {
    let start = async move |clients: Process| -> Result<ProcessRef<Stream>, StartError> {
        let options = SpawnOptions::new().link().label(format!("client {peer}"));
        Ok(clients.spawn_with(options, move |ctx| run(serving, ctx))?.process)
    };
    ChildSpec::worker("client", start).restart(Restart::Temporary)
}

async fn run(serving: Arc<Serving>, mut ctx: ProcessContext<Stream>) {
    let Some(Message::User(socket)) = ctx.receive_timeout(GRACE).await else { return };
    let (reader, mut writer) = socket.split();
    let mut reader = BufReader::new(reader);
    // That the client is gone, or breaks off, is no failure of this process.
    while let Ok(Some(line)) = next_line(&mut reader).await {
        if answer(&serving, &line, &mut writer).await.is_err() {
            return;
        }
    }
}

/// The next line; none at the end, or if it is too long or no text.
async fn next_line(reader: &mut BufReader<ReadHalf>) -> io::Result<Option<String>> {
    let mut line = String::new();
    reader.take(LONGEST).read_line(&mut line).await?;
    Ok(line.strip_suffix('\n').map(str::to_owned))
}

async fn answer(serving: &Serving, line: &str, writer: &mut WriteHalf) -> io::Result<()> {
    let words: Vec<_> = line.split_whitespace().collect();
    let answer = match words[..] {
        ["reload"] => match serving.service.reload(serving.plugin.clone()).await {
            Ok(release) => format!("reloaded: release {release}"),
            Err(error) => format!("! {error}"),
        },
        ["loaded"] => format!("{} loaded", mapped::plugins()?.len()),
        ["report", key] => return report(serving, key, writer).await,
        [_, key, ..] => match serving.service.ask(key, line.to_owned()).await {
            Ok(answer) => answer,
            Err(error) => format!("! {error}"),
        },
        _ => "! what can be asked is: add KEY NUMBER, report KEY, reload, loaded".to_owned(),
    };
    writer.write_all(format!("{answer}\n").as_bytes()).await
}

/// Writes a report as fast as the client reads it. That may take long: meanwhile the code can be reloaded, and this runs
/// on in the code that it began in.
async fn report(serving: &Serving, key: &str, writer: &mut WriteHalf) -> io::Result<()> {
    let snapshot = match serving.service.snapshot(key).await {
        Ok(snapshot) => snapshot,
        Err(error) => return writer.write_all(format!("! {error}\n\n").as_bytes()).await,
    };
    let (mut pieces, mut taken) = mpsc::channel::<Vec<u8>>(0);
    let work = serving.system.spawn_blocking(move || {
        // If the client is gone, the rest goes nowhere.
        snapshot.answer("report", |piece| drop(block_on(pieces.send(piece.to_vec()))))
    });
    while let Some(piece) = taken.next().await {
        writer.write_all(&piece).await?;
    }
    match work.await {
        Ok(Ok(())) => writer.write_all(b"\n").await,
        Ok(Err(error)) => writer.write_all(format!("! {error}\n\n").as_bytes()).await,
        Err(error) => writer.write_all(format!("! {error}\n\n").as_bytes()).await,
    }
}

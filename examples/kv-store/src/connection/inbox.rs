use std::io;

use bytes::{Bytes, BytesMut};
use futures::AsyncReadExt;
use otp::runtime::net::Stream;

use crate::command::Command;
use crate::resp::{Decoder, ProtocolError};
use crate::shard::Op;

/// What a client has sent and nobody has looked at yet.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    decoder: Decoder,
    buf: BytesMut,
    /// How much to read at a time: more for a client that sends much.
    chunk: usize,
}

impl Inbox {
    const MIN_CHUNK: usize = 2 << 10;
    const MAX_CHUNK: usize = 16 << 10;

    /// Memory that an idle client may keep.
    const KEEP: usize = 2 * Self::MAX_CHUNK;

    /// The next request, if it has all arrived.
    pub(super) fn next(&mut self) -> Result<Option<Vec<Bytes>>, ProtocolError> {
        self.decoder.decode(&mut self.buf)
    }

    /// Reads on; false at the end.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, the inbox must not be used any more.
    pub(super) async fn read(&mut self, stream: &mut Stream) -> io::Result<bool> {
        if self.buf.is_empty() && self.buf.capacity() > Self::KEEP {
            self.buf = BytesMut::new();
        }
        let before = self.buf.len();
        let chunk = self.chunk.clamp(Self::MIN_CHUNK, Self::MAX_CHUNK);
        self.buf.resize(before + chunk, 0);
        let read = stream.read(&mut self.buf[before..]).await?;
        self.buf.truncate(before + read);
        self.chunk = if read == chunk { 2 * chunk } else { chunk.min(2 * read) };
        Ok(read > 0)
    }
}

/// How much a command counts for in a round: about as many replies as it has.
pub(super) fn weight(command: &Command) -> usize {
    match command {
        // As many as there are keys, or nearly as slow.
        Command::Data(Op::Keys(_)) | Command::Info => usize::MAX,
        Command::Data(Op::MGet(keys)) => keys.len(),
        _ => 1,
    }
}

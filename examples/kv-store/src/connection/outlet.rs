use std::io;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use futures::AsyncWriteExt;
use otp::System;
use otp::runtime::net::Stream;

use crate::resp::{Outbox, Reply};

/// Replies on their way to the client.
#[derive(Debug, Default)]
pub(super) struct Outlet {
    replies: Outbox,
    encoded: BytesMut,
}

impl Outlet {
    /// About how much is encoded and written at a time.
    const PIECE: usize = 64 << 10;

    /// Memory that an idle client may keep.
    const KEEP: usize = 16 << 10;

    pub(super) fn push(&mut self, reply: Reply) {
        self.replies.push(reply);
    }

    /// Writes everything; fails if the client takes nothing for as long as `patience`.
    pub(super) async fn flush(&mut self, stream: &mut Stream, system: &System, patience: Duration) -> io::Result<()> {
        loop {
            self.replies.fill(&mut self.encoded, Self::PIECE);
            if self.encoded.is_empty() {
                break;
            }
            let written = system.timeout(patience, stream.write(&self.encoded)).await;
            match written.map_err(|late| io::Error::new(io::ErrorKind::TimedOut, late))?? {
                0 => return Err(io::ErrorKind::WriteZero.into()),
                written => self.encoded.advance(written),
            }
        }
        if self.encoded.capacity() > Self::KEEP {
            self.encoded = BytesMut::new();
        }
        Ok(())
    }
}

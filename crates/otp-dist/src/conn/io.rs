use std::io;

use futures::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::proto::{Frames, MAX_MESSAGE, Prefix};

pub(crate) type BoxRead = Box<dyn AsyncRead + Send + Unpin>;
pub(crate) type BoxWrite = Box<dyn AsyncWrite + Send + Unpin>;

/// The two directions of a connection during its handshake.
pub(crate) struct Wire {
    pub(crate) reader: BoxRead,
    pub(crate) writer: BoxWrite,
    pub(crate) frames: Frames,
    prefix: Prefix,
    /// What the peer has proved to be, over TLS.
    #[cfg(feature = "tls")]
    pub(super) certificate: Option<futures_rustls::pki_types::CertificateDer<'static>>,
}

impl Wire {
    pub(crate) fn new(reader: BoxRead, writer: BoxWrite, prefix: Prefix) -> Wire {
        Wire {
            reader,
            writer,
            frames: Frames::new(prefix, MAX_MESSAGE),
            prefix,
            #[cfg(feature = "tls")]
            certificate: None,
        }
    }

    /// Sends a message of the handshake.
    pub(crate) async fn send(&mut self, message: &[u8]) -> io::Result<()> {
        let len = u16::try_from(message.len()).map_err(io::Error::other)?;
        let mut out = match self.prefix {
            Prefix::Two => len.to_be_bytes().to_vec(),
            Prefix::Four => u32::from(len).to_be_bytes().to_vec(),
        };
        out.extend(message);
        self.writer.write_all(&out).await?;
        self.writer.flush().await
    }

    /// Receives a message of the handshake.
    pub(crate) async fn receive(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(frame) = self.frames.next().map_err(io::Error::other)? {
                return Ok(frame.to_vec());
            }
            let mut some = [0; 256];
            match self.reader.read(&mut some).await? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => self.frames.push(&some[..read]),
            }
        }
    }
}

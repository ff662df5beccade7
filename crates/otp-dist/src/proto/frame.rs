use bytes::{Buf, Bytes, BytesMut};

use super::ProtocolError;

/// How many bytes the length before a frame has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Prefix {
    /// Two, as in the handshake over TCP.
    Two,
    /// Four, as in the handshake over TLS, and in both after it.
    Four,
}

/// Cuts what a peer sends into frames. It keeps no more than was received, however much a frame announces.
///
/// ```
/// use otp::dist::proto::{Frames, Prefix};
///
/// let mut frames = Frames::new(Prefix::Two, 10);
/// frames.push(b"\0\x02ab\0");
/// assert_eq!(frames.next().unwrap().as_deref(), Some(&b"ab"[..]));
/// assert_eq!(frames.next(), Ok(None));
/// frames.push(b"\x0b");
/// assert!(frames.next().is_err());
/// ```
#[derive(Debug)]
pub struct Frames {
    buffer: BytesMut,
    prefix: Prefix,
    limit: usize,
}

impl Frames {
    /// Expects frames of at most `limit` bytes.
    pub fn new(prefix: Prefix, limit: usize) -> Frames {
        Frames { buffer: BytesMut::new(), prefix, limit }
    }

    /// Expects other frames from now on; what has been received stays.
    pub fn expect(&mut self, prefix: Prefix, limit: usize) {
        (self.prefix, self.limit) = (prefix, limit);
    }

    /// Adds what was received.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Returns whether there is nothing that was not returned.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// Returns the next frame, without its length; `None` if it is not there yet.
    ///
    /// # Errors
    ///
    /// [`ProtocolError::TooLarge`] as soon as its length is known.
    #[expect(clippy::should_implement_trait, reason = "no iterator: `None` is not the end")]
    pub fn next(&mut self) -> Result<Option<Bytes>, ProtocolError> {
        let width = match self.prefix {
            Prefix::Two => 2,
            Prefix::Four => 4,
        };
        let Some(prefix) = self.buffer.get(..width) else { return Ok(None) };
        let size = prefix.iter().fold(0_usize, |size, byte| size << 8 | usize::from(*byte));
        if size > self.limit {
            return Err(ProtocolError::TooLarge { size, limit: self.limit });
        }
        if self.buffer.len() < width + size {
            return Ok(None);
        }
        self.buffer.advance(width);
        Ok(Some(self.buffer.split_to(size).freeze()))
    }
}

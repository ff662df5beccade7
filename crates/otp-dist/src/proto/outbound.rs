use otp_etf::{EncodeError, encode_into};

use super::inbound::{FIRST, FURTHER, PASS_THROUGH, VERSION, WHOLE};
use super::{Control, Flags};

/// Makes frames of messages to a peer.
///
/// ```
/// use otp::dist::proto::{Control, Flags, Inbound, Limits, Outbound};
/// use otp::etf::{Atom, Pid};
///
/// let pid = |id| Pid::new(Atom::from_static("a@h"), id, 0, 1);
/// let large = vec![b'm'; 100_000];
/// let outbound = Outbound::new(Flags::visible());
/// let message = outbound.message(&Control::Send { to: pid(1), from: Some(pid(2)) }, |out| out.extend(&large)).unwrap();
/// let frames: Vec<Vec<u8>> = message.into_frames(7).collect();
/// assert_eq!(frames.len(), 2);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Outbound {
    has_headers: bool,
    fragments: bool,
}

/// A message that is encoded, but not cut into frames.
#[derive(Debug)]
pub struct Encoded {
    /// A whole frame with its length.
    frame: Vec<u8>,
    /// Where terms begin, if the message is to be sent in fragments.
    fragmented: Option<usize>,
}

/// The error of a message that cannot be sent to another node.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsendable {
    /// It has no encoding.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// It is larger than a message may be.
    #[error("the message has {size} bytes, more than a frame may have")]
    #[non_exhaustive]
    TooLarge {
        /// How many bytes it has.
        size: usize,
    },
}

/// How many bytes of a message are in one fragment.
pub const FRAGMENT: usize = 64 << 10;

/// The bytes before the terms: the length, `131, 68, 0`.
const HEAD: [u8; 7] = [0, 0, 0, 0, VERSION, WHOLE, 0];

impl Outbound {
    /// Makes what a peer understands with these flags, which both nodes have.
    pub fn new(agreed: Flags) -> Outbound {
        Outbound {
            has_headers: agreed.has_any(Flags::FRAGMENTS | Flags::DIST_HDR_ATOM_CACHE),
            fragments: agreed.contains(Flags::FRAGMENTS),
        }
    }

    /// Encodes a message; `payload` appends the term that comes with it, without 131, if its kind has one.
    ///
    /// # Errors
    ///
    /// [`Unsendable`] if the control message cannot be encoded, or all of it is longer than a frame may be.
    pub fn message(&self, control: &Control, payload: impl FnOnce(&mut Vec<u8>)) -> Result<Encoded, Unsendable> {
        let mut frame = Vec::with_capacity(256);
        if self.has_headers {
            frame.extend(HEAD);
        } else {
            frame.extend([0, 0, 0, 0, PASS_THROUGH, VERSION]);
        }
        let begin = frame.len();
        encode_into(&mut frame, &control.term())?;
        if control.has_payload() {
            if !self.has_headers {
                frame.push(VERSION);
            }
            payload(&mut frame);
        }
        let len = u32::try_from(frame.len() - 4).map_err(|_| Unsendable::TooLarge { size: frame.len() })?;
        frame[..4].copy_from_slice(&len.to_be_bytes());
        let is_large = self.fragments && frame.len() - begin > FRAGMENT;
        Ok(Encoded { frame, fragmented: is_large.then_some(begin) })
    }
}

impl Encoded {
    /// How many bytes it has, nearly.
    pub fn size(&self) -> usize {
        self.frame.len()
    }

    /// Returns whether it is sent in fragments.
    pub fn is_large(&self) -> bool {
        self.fragmented.is_some()
    }

    /// The one frame with its length.
    ///
    /// # Panics
    ///
    /// If it [is large](Encoded::is_large).
    pub fn into_frame(self) -> Vec<u8> {
        assert!(self.fragmented.is_none(), "a large message has several frames");
        self.frame
    }

    /// The frames with their lengths; `sequence` identifies the message among those that are sent at the same time.
    pub fn into_frames(self, sequence: u64) -> impl Iterator<Item = Vec<u8>> + Send {
        let Encoded { frame, fragmented } = self;
        let begin = fragmented.unwrap_or(0);
        let size = if fragmented.is_some() { FRAGMENT } else { frame.len().max(1) };
        let count = (frame.len() - begin).div_ceil(size);
        (0..count).map(move |at| {
            let piece = &frame[begin + at * size..frame.len().min(begin + (at + 1) * size)];
            if fragmented.is_none() {
                return piece.to_vec();
            }
            let number = (count - at) as u64;
            let mut out = Vec::with_capacity(piece.len() + 23);
            out.extend([0, 0, 0, 0, VERSION, if at == 0 { FIRST } else { FURTHER }]);
            out.extend(sequence.to_be_bytes());
            out.extend(number.to_be_bytes());
            if at == 0 {
                out.push(0);
            }
            out.extend(piece);
            let len = u32::try_from(out.len() - 4).expect("a fragment is small");
            out[..4].copy_from_slice(&len.to_be_bytes());
            out
        })
    }
}

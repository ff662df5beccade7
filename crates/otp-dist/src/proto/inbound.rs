use bytes::{Buf, Bytes};
use otp_etf::{Atom, DecodeError, Decoder, Term};

use super::fragments::Fragments;
use super::header::AtomCache;
use super::{Control, Flags, Limits, ProtocolError};

/// Makes messages of the frames that a peer sends after the handshake.
///
/// ```
/// use otp::dist::proto::{Control, Flags, Inbound, Limits};
///
/// let mut inbound = Inbound::new(Flags::visible(), Limits::default());
/// // Registered send from <x@h.5.0> to the name `log`, of the atom `hello`.
/// let frame = b"\x83D\0h\x04a\x06Xw\x03x@h\0\0\0\x05\0\0\0\0\0\0\0\x01w\0w\x03logw\x05hello";
/// let message = inbound.receive(frame[..].into()).unwrap().unwrap();
/// assert!(matches!(&message.control, Control::RegSend { name, .. } if name == "log"));
/// assert_eq!(message.payload.unwrap().term().unwrap().to_string(), "hello");
/// assert_eq!(inbound.receive(Default::default()), Ok(None), "a tick");
/// ```
#[derive(Debug)]
pub struct Inbound {
    /// Whether messages have headers; otherwise they pass through.
    has_headers: bool,
    cache: AtomCache,
    fragments: Fragments,
    limits: Limits,
}

/// A message between nodes: what is to be done, and a term that comes with it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Message {
    /// What is to be done.
    pub control: Control,
    /// The term, if this kind of message has one.
    pub payload: Option<Payload>,
}

/// A term that is not decoded yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Payload {
    bytes: Bytes,
    atoms: Vec<Atom>,
    versioned: bool,
}

impl Inbound {
    /// Expects what a peer may send with these flags, which both nodes have.
    pub fn new(agreed: Flags, limits: Limits) -> Inbound {
        Inbound {
            has_headers: agreed.has_any(Flags::FRAGMENTS | Flags::DIST_HDR_ATOM_CACHE),
            cache: AtomCache::new(agreed.contains(Flags::DIST_HDR_ATOM_CACHE)),
            fragments: Fragments::default(),
            limits,
        }
    }

    /// Handles a frame, without its length; returns a message, if one is complete now. An empty frame is a tick.
    ///
    /// # Errors
    ///
    /// [`ProtocolError`]: close the connection.
    pub fn receive(&mut self, mut frame: Bytes) -> Result<Option<Message>, ProtocolError> {
        match frame[..] {
            [] => Ok(None),
            [VERSION, WHOLE, ..] => {
                frame.advance(2);
                let atoms = self.cache.read(&mut frame)?;
                self.message(atoms, frame).map(Some)
            }
            [VERSION, FIRST, ..] => {
                let (sequence, number) = take_numbers(&mut frame)?;
                let atoms = self.cache.read(&mut frame)?;
                let whole = self.fragments.first(sequence, number, atoms, frame, &self.limits)?;
                whole.map(|(atoms, bytes)| self.message(atoms, bytes)).transpose()
            }
            [VERSION, FURTHER, ..] => {
                let (sequence, number) = take_numbers(&mut frame)?;
                let whole = self.fragments.further(sequence, number, &frame, &self.limits)?;
                whole.map(|(atoms, bytes)| self.message(atoms, bytes)).transpose()
            }
            [PASS_THROUGH, ..] if !self.has_headers => {
                frame.advance(1);
                self.passed_through(frame).map(Some)
            }
            _ => Err(ProtocolError::UnknownFrame),
        }
    }

    fn message(&self, atoms: Vec<Atom>, bytes: Bytes) -> Result<Message, ProtocolError> {
        let mut decoder = Decoder::new(&bytes, &self.term_limits())?.with_atoms(&atoms);
        let control = Control::of(&decoder.term_ref()?)?;
        let at = decoder.position();
        let payload = control.has_payload().then(|| payload(bytes.slice(at..), atoms.clone(), false)).transpose()?;
        Ok(Message { control, payload })
    }

    /// Each of the two terms has a byte 131 of its own.
    fn passed_through(&self, bytes: Bytes) -> Result<Message, ProtocolError> {
        let mut decoder = Decoder::new(&bytes, &self.term_limits())?;
        decoder.version()?;
        let control = Control::of(&decoder.term_ref()?)?;
        let at = decoder.position();
        let payload = control.has_payload().then(|| payload(bytes.slice(at..), Vec::new(), true)).transpose()?;
        Ok(Message { control, payload })
    }

    fn term_limits(&self) -> otp_etf::Limits {
        otp_etf::Limits::new().size(self.limits.max_message())
    }
}

impl Payload {
    /// Decodes the term.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if it is none, or something follows.
    pub fn term(&self) -> Result<Term, DecodeError> {
        let limits = otp_etf::Limits::new().size(usize::MAX);
        let mut decoder = Decoder::new(&self.bytes, &limits)?.with_atoms(&self.atoms);
        if self.versioned {
            decoder.version()?;
        }
        let term = decoder.term()?;
        decoder.finish()?;
        Ok(term)
    }

    /// How many bytes it has.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }
}

fn payload(bytes: Bytes, atoms: Vec<Atom>, versioned: bool) -> Result<Payload, ProtocolError> {
    if bytes.is_empty() {
        Err(ProtocolError::Control("without its term"))
    } else {
        Ok(Payload { bytes, atoms, versioned })
    }
}

/// Takes what identifies a fragment: the sequence, and its number.
fn take_numbers(frame: &mut Bytes) -> Result<(u64, u64), ProtocolError> {
    frame.advance(2);
    if frame.len() < 16 { Err(ProtocolError::Fragment("that is cut")) } else { Ok((frame.get_u64(), frame.get_u64())) }
}

pub(super) const VERSION: u8 = 131;
pub(super) const WHOLE: u8 = 68;
pub(super) const FIRST: u8 = 69;
pub(super) const FURTHER: u8 = 70;
pub(super) const PASS_THROUGH: u8 = 112;

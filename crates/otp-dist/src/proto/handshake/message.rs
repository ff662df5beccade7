use super::HandshakeError;
use crate::proto::{Digest, Flags, NodeName};

/// How a node introduces itself: the first message of one that connects, and the challenge of one that is connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Introduction {
    /// Its name.
    pub name: NodeName,
    /// Its flags, with those that the digest stands for.
    pub flags: Flags,
    /// Which life of the node it is.
    pub creation: u32,
}

impl Introduction {
    /// Makes an introduction.
    pub fn new(name: NodeName, flags: Flags, creation: u32) -> Introduction {
        Introduction { name, flags, creation }
    }

    /// The message of a node that connects, without its length.
    pub fn name_message(&self) -> Vec<u8> {
        let mut out = vec![b'N'];
        out.extend(self.flags.bits().to_be_bytes());
        out.extend(self.creation.to_be_bytes());
        push_name(&mut out, &self.name);
        out
    }

    /// The message of a node that is connected to, without its length.
    pub fn challenge_message(&self, challenge: u32) -> Vec<u8> {
        let mut out = vec![b'N'];
        out.extend(self.flags.bits().to_be_bytes());
        out.extend(challenge.to_be_bytes());
        out.extend(self.creation.to_be_bytes());
        push_name(&mut out, &self.name);
        out
    }

    /// Reads the message of a node that connects.
    ///
    /// # Errors
    ///
    /// [`HandshakeError::Malformed`] if it is not one, or the node asks for a name.
    pub fn of_name_message(message: &[u8]) -> Result<Introduction, HandshakeError> {
        let mut read = Reader(message);
        read.tag(b'N')?;
        let flags = Flags::from_bits(read.u64()?);
        let creation = read.u32()?;
        if flags.contains(Flags::NAME_ME) {
            return Err(HandshakeError::Malformed("a node that asks for a name"));
        }
        Ok(Introduction { name: read.name()?, flags: flags.expanded(), creation })
    }

    /// Reads the message of a node that is connected to: its introduction, and its challenge.
    ///
    /// # Errors
    ///
    /// [`HandshakeError::Malformed`] if it is not one.
    pub fn of_challenge_message(message: &[u8]) -> Result<(Introduction, u32), HandshakeError> {
        let mut read = Reader(message);
        read.tag(b'N')?;
        let flags = Flags::from_bits(read.u64()?);
        let challenge = read.u32()?;
        let creation = read.u32()?;
        Ok((Introduction { name: read.name()?, flags: flags.expanded(), creation }, challenge))
    }
}

/// The answer of a node to the name of another one that connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// The handshake goes on.
    Ok,
    /// It goes on, and the own attempt to connect is given up.
    OkSimultaneous,
    /// It does not: the own attempt to connect goes on.
    Nok,
    /// Connections of this node are not allowed.
    NotAllowed,
    /// There is a connection already, possibly to an earlier life of the node.
    Alive,
}

impl Status {
    /// The message, without its length.
    pub fn message(self) -> &'static [u8] {
        match self {
            Status::Ok => b"sok",
            Status::OkSimultaneous => b"sok_simultaneous",
            Status::Nok => b"snok",
            Status::NotAllowed => b"snot_allowed",
            Status::Alive => b"salive",
        }
    }

    /// Reads the message.
    ///
    /// # Errors
    ///
    /// [`HandshakeError::Malformed`] if it is not one, or gives this node a name.
    pub fn of_message(message: &[u8]) -> Result<Status, HandshakeError> {
        match message {
            b"sok" => Ok(Status::Ok),
            b"sok_simultaneous" => Ok(Status::OkSimultaneous),
            b"snok" => Ok(Status::Nok),
            b"snot_allowed" => Ok(Status::NotAllowed),
            b"salive" => Ok(Status::Alive),
            _ => Err(HandshakeError::Malformed("no status")),
        }
    }
}

/// The answer to a challenge, with a challenge of its own, without its length.
pub(super) fn reply_message(challenge: u32, digest: &Digest) -> Vec<u8> {
    let mut out = vec![b'r'];
    out.extend(challenge.to_be_bytes());
    out.extend(digest);
    out
}

pub(super) fn of_reply_message(message: &[u8]) -> Result<(u32, Digest), HandshakeError> {
    let mut read = Reader(message);
    read.tag(b'r')?;
    let challenge = read.u32()?;
    Ok((challenge, read.digest()?))
}

pub(super) fn ack_message(digest: &Digest) -> Vec<u8> {
    let mut out = vec![b'a'];
    out.extend(digest);
    out
}

pub(super) fn of_ack_message(message: &[u8]) -> Result<Digest, HandshakeError> {
    let mut read = Reader(message);
    read.tag(b'a')?;
    read.digest()
}

fn push_name(out: &mut Vec<u8>, name: &NodeName) {
    let text = name.as_str().as_bytes();
    let len = u16::try_from(text.len()).expect("a name has at most 255 bytes");
    out.extend(len.to_be_bytes());
    out.extend(text);
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn tag(&mut self, tag: u8) -> Result<(), HandshakeError> {
        if self.take::<1>()? == [tag] { Ok(()) } else { Err(HandshakeError::Malformed("a message of another kind")) }
    }

    fn u64(&mut self) -> Result<u64, HandshakeError> {
        self.take().map(u64::from_be_bytes)
    }

    fn u32(&mut self) -> Result<u32, HandshakeError> {
        self.take().map(u32::from_be_bytes)
    }

    /// Bytes after the name are for later versions.
    fn name(&mut self) -> Result<NodeName, HandshakeError> {
        let len = u16::from_be_bytes(self.take()?);
        let text = self.0.get(..len.into()).ok_or(HandshakeError::Malformed("a name that is cut"))?;
        let text = std::str::from_utf8(text).map_err(|_| HandshakeError::Malformed("a name that is no text"))?;
        NodeName::new(text).map_err(|_| HandshakeError::Malformed("a name of no node"))
    }

    /// Nothing may follow.
    fn digest(&mut self) -> Result<Digest, HandshakeError> {
        Digest::try_from(self.0).map_err(|_| HandshakeError::Malformed("a digest of another length"))
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], HandshakeError> {
        let (taken, rest) = self.0.split_first_chunk().ok_or(HandshakeError::Malformed("a message that is cut"))?;
        self.0 = rest;
        Ok(*taken)
    }
}

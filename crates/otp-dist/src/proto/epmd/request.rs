use std::fmt;

/// How many bytes a request has at most, without the two of its length.
pub const MAX_REQUEST: usize = 1024;

/// What an epmd is asked for.
///
/// Requests that end it, or change what it knows of others, are not among them.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Request {
    /// Register a node, until its connection ends: `ALIVE2_REQ`.
    Register(Entry),
    /// Tell the port of the node with this name, the part before the `@`: `PORT_PLEASE2_REQ`.
    LookUp(String),
    /// Tell all names: `NAMES_REQ`.
    Names,
}

impl Request {
    /// Reads a request, without its length; `None` if it is none, or not one for nodes of OTP 23 and later.
    pub fn read(body: &[u8]) -> Option<Request> {
        match body.split_first()? {
            (b'x', described) => Entry::read(described).map(Request::Register),
            (b'z', name) => name_of(name).map(Request::LookUp),
            (b'n', []) => Some(Request::Names),
            _ => None,
        }
    }
}

/// What a node registers: its name, its port, and what it speaks.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    name: String,
    port: u16,
    /// As the node has said it, which is as it is told to others.
    pub(super) described: Box<[u8]>,
}

impl Entry {
    /// The part of the name before the `@`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The port on which the node listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    fn read(described: &[u8]) -> Option<Entry> {
        // Port, type and protocol, the highest and the lowest version, the name, and something more.
        let ([p, o, _type, _protocol, high @ .., _low, _lower], rest) = described.split_first_chunk::<8>()?;
        let (name, rest) = counted(rest)?;
        let (_extra, rest) = counted(rest)?;
        if !rest.is_empty() || u16::from_be_bytes(*high) < 6 {
            return None;
        }
        Some(Entry { name: name_of(name)?, port: u16::from_be_bytes([*p, *o]), described: described.into() })
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({} at port {})", self.name, self.port)
    }
}

/// Takes off a part that begins with its length.
fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u16::from_be_bytes(*length).into())
}

/// The name of a node before the `@`. It becomes a line of text for those who ask for all names, and must not end it.
fn name_of(bytes: &[u8]) -> Option<String> {
    let name = std::str::from_utf8(bytes).ok()?;
    let is_plain = |c: char| !c.is_control() && !c.is_whitespace() && c != '@';
    let is_good = !name.is_empty() && name.len() <= 255 && name.chars().all(is_plain);
    is_good.then(|| name.to_owned())
}

use std::collections::HashMap;

use bytes::{Bytes, BytesMut};
use otp_etf::Atom;

use super::{Limits, ProtocolError};

/// The messages of a peer of which only some fragments have come.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    open: HashMap<u64, Open>,
    bytes: usize,
}

#[derive(Debug)]
struct Open {
    atoms: Vec<Atom>,
    data: BytesMut,
    /// The number of the fragment that has to come next; they are counted down to 1.
    next: u64,
}

impl Fragments {
    /// Begins a message; returns it if this is all of it. `number` is how many fragments it has.
    pub(super) fn first(
        &mut self,
        sequence: u64,
        number: u64,
        atoms: Vec<Atom>,
        data: Bytes,
        limits: &Limits,
    ) -> Result<Option<(Vec<Atom>, Bytes)>, ProtocolError> {
        match number {
            0 => return Err(ProtocolError::Fragment("with the number 0")),
            1 => return Ok(Some((atoms, data))),
            _ => {}
        }
        if self.open.contains_key(&sequence) {
            return Err(ProtocolError::Fragment("that begins a message for the second time"));
        }
        if self.open.len() >= limits.max_sequences() {
            return Err(ProtocolError::Fragment("of one message too many"));
        }
        self.grow(data.len(), limits)?;
        self.open.insert(sequence, Open { atoms, data: BytesMut::from(data), next: number - 1 });
        Ok(None)
    }

    /// Adds a further fragment; returns the message if this was the last one.
    pub(super) fn further(
        &mut self,
        sequence: u64,
        number: u64,
        data: &[u8],
        limits: &Limits,
    ) -> Result<Option<(Vec<Atom>, Bytes)>, ProtocolError> {
        self.grow(data.len(), limits)?;
        let open = self.open.get_mut(&sequence).ok_or(ProtocolError::Fragment("of a message that was not begun"))?;
        if number != open.next {
            return Err(ProtocolError::Fragment("out of order"));
        }
        open.data.extend_from_slice(data);
        open.next -= 1;
        if open.next > 0 {
            return Ok(None);
        }
        let whole = self.open.remove(&sequence).map(|open| {
            self.bytes -= open.data.len();
            (open.atoms, open.data.freeze())
        });
        Ok(whole)
    }

    fn grow(&mut self, by: usize, limits: &Limits) -> Result<(), ProtocolError> {
        self.bytes += by;
        let (size, limit) = (self.bytes, limits.max_message());
        if size > limit { Err(ProtocolError::TooLarge { size, limit }) } else { Ok(()) }
    }
}

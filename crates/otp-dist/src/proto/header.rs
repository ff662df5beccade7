use bytes::{Buf, Bytes};
use otp_etf::Atom;

use super::ProtocolError;

/// The atoms that a peer has sent on a connection, so that it can refer to them by a number.
#[derive(Debug, Default)]
pub(super) struct AtomCache {
    /// Empty until the first atom comes.
    slots: Vec<Option<Atom>>,
    /// Whether the peer may use it.
    enabled: bool,
}

const SLOTS: usize = 2048;

/// Marks an entry of a header as new.
const NEW: u8 = 0b1000;

impl AtomCache {
    pub(super) fn new(enabled: bool) -> AtomCache {
        AtomCache { slots: Vec::new(), enabled }
    }

    /// Takes a header from the beginning of `bytes`: the atoms that terms after it refer to.
    pub(super) fn read(&mut self, bytes: &mut Bytes) -> Result<Vec<Atom>, ProtocolError> {
        let count = usize::from(byte(bytes)?);
        if count == 0 {
            return Ok(Vec::new());
        }
        if !self.enabled {
            return Err(ProtocolError::Header("uses a cache that was not agreed on"));
        }
        let flags = take(bytes, count / 2 + 1)?;
        // Two entries in a byte, the lower half first; the half after the last entry is for all.
        let nibble = |at: usize| flags[at / 2] >> (at % 2 * 4) & 0b1111;
        let long = nibble(count) & 1 == 1;
        let mut atoms = Vec::with_capacity(count);
        for at in 0..count {
            let slot = usize::from(nibble(at) & 0b111) << 8 | usize::from(byte(bytes)?);
            if nibble(at) & NEW != 0 {
                let len = if long {
                    usize::from(byte(bytes)?) << 8 | usize::from(byte(bytes)?)
                } else {
                    usize::from(byte(bytes)?)
                };
                let text = take(bytes, len)?;
                let text =
                    std::str::from_utf8(&text).map_err(|_| ProtocolError::Header("has an atom that is no text"))?;
                let atom = Atom::new(text).map_err(|_| ProtocolError::Header("has an atom that is too long"))?;
                self.slots.resize(SLOTS, None);
                self.slots[slot] = Some(atom);
            }
            let known = self.slots.get(slot).cloned().flatten();
            atoms.push(known.ok_or(ProtocolError::Header("refers to an atom that was never sent"))?);
        }
        Ok(atoms)
    }
}

fn byte(bytes: &mut Bytes) -> Result<u8, ProtocolError> {
    if bytes.has_remaining() { Ok(bytes.get_u8()) } else { Err(CUT) }
}

fn take(bytes: &mut Bytes, len: usize) -> Result<Bytes, ProtocolError> {
    if bytes.len() < len { Err(CUT) } else { Ok(bytes.split_to(len)) }
}

const CUT: ProtocolError = ProtocolError::Header("is cut");

use std::collections::VecDeque;
use std::task::Waker;

use super::network::EventKey;

/// One direction of a connection.
#[derive(Default)]
pub(crate) struct Pipe {
    /// Segments under way, in order.
    pub(super) flight: VecDeque<Segment>,
    /// The number of bytes under way.
    pub(super) flying: usize,
    /// Bytes that have arrived and are not read.
    pub(super) arrived: VecDeque<u8>,
    /// Whether the end of the stream has arrived.
    pub(super) ended: bool,
    /// The number of bytes that were read while the writer could not be notified.
    pub(super) untold: usize,
    /// Whether a segment has arrived while the writer could not be notified.
    pub(super) unacknowledged: bool,
    /// The arrival time of the last segment: the next one does not arrive before it.
    pub(super) last: u64,
    /// The arrival event of the first segment.
    pub(super) arrival: Option<EventKey>,
    /// The time at which the writer gives up, if no segment arrives until then.
    pub(super) giving_up: Option<EventKey>,
    pub(super) reader: Option<Waker>,
    pub(super) writer: Option<Waker>,
}

/// The content of a segment.
pub(super) struct Segment {
    pub(super) at: u64,
    pub(super) what: Content,
}

pub(super) enum Content {
    /// A client requests a connection.
    Open,
    /// The connection is accepted.
    Opened,
    Bytes(Vec<u8>),
    /// The end of the stream.
    End,
    /// A reset: there is no such connection.
    Reset,
}

impl Content {
    pub(super) fn len(&self) -> usize {
        if let Content::Bytes(bytes) = self { bytes.len() } else { 0 }
    }

    /// A number for the kind of content, for the hash of a run.
    pub(super) fn code(&self) -> u64 {
        match self {
            Content::Open => 0,
            Content::Opened => 1,
            Content::Bytes(bytes) => 4 + bytes.len() as u64,
            Content::End => 2,
            Content::Reset => 3,
        }
    }
}

impl Pipe {
    /// The number of bytes that may be written.
    pub(super) fn room(&self, bound: usize) -> usize {
        bound.saturating_sub(self.flying + self.arrived.len() + self.untold)
    }

    /// Appends a segment.
    pub(super) fn push(&mut self, at: u64, what: Content) {
        self.last = self.last.max(at);
        self.flying += what.len();
        self.flight.push_back(Segment { at: self.last, what });
    }

    /// Takes the first segment, which has arrived.
    pub(super) fn pop(&mut self) -> Option<Content> {
        let segment = self.flight.pop_front()?;
        self.flying -= segment.what.len();
        Some(segment.what)
    }

    /// Drops all segments under way.
    pub(super) fn clear(&mut self) {
        self.flight.clear();
        self.flying = 0;
    }

    /// Delays all arrivals until a time.
    pub(super) fn delay(&mut self, until: u64) {
        for segment in &mut self.flight {
            segment.at = segment.at.max(until);
        }
        self.last = self.last.max(until);
    }
}

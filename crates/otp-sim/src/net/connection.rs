use std::io::ErrorKind;
use std::ops::{Index, IndexMut};
use std::task::Waker;

use otp_core::runtime::net::NetAddr;

use super::hosts::HostId;
use super::pipe::Pipe;

/// A connection, or an attempt to connect.
pub(crate) struct Connection {
    ends: [End; 2],
    /// One pipe for each side that writes.
    pipes: [Pipe; 2],
    /// The client waits for room in the backlog.
    pub(super) queued: bool,
    /// A fault refuses the client, even if there is a listener.
    pub(super) refused: bool,
}

/// A side of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The side that connected.
    Client,
    /// The side that accepted.
    Server,
}

/// The state of a connection on one host.
pub(crate) struct End {
    pub(super) host: HostId,
    pub(super) local: NetAddr,
    /// The client has not been notified yet that it is connected.
    pub(super) opening: bool,
    /// The host has lost the connection, and only keeps the error.
    pub(super) failed: Option<ErrorKind>,
    /// Nothing more will be written.
    pub(super) closed: bool,
    /// The program holds no handle: it was dropped, or does not exist yet.
    pub(super) released: bool,
    pub(super) nodelay: bool,
    /// Nothing is read until this time.
    pub(super) stalled_until: u64,
    pub(super) connector: Option<Waker>,
}

impl Connection {
    pub(super) fn new(client: (HostId, NetAddr), server: (HostId, NetAddr)) -> Connection {
        let end = |(host, local), opening, released| End {
            host,
            local,
            opening,
            failed: None,
            closed: false,
            released,
            nodelay: false,
            stalled_until: 0,
            connector: None,
        };
        Connection {
            ends: [end(client, true, false), end(server, false, true)],
            pipes: Default::default(),
            queued: false,
            refused: false,
        }
    }

    /// The pipe that a side writes.
    pub(super) fn written_by(&mut self, side: Side) -> &mut Pipe {
        &mut self.pipes[side as usize]
    }

    /// The pipe that a side reads.
    pub(super) fn read_by(&mut self, side: Side) -> &mut Pipe {
        &mut self.pipes[side.other() as usize]
    }

    /// The hosts from and to which a side writes.
    pub(super) fn way(&self, side: Side) -> (HostId, HostId) {
        (self[side].host, self[side.other()].host)
    }

    /// Whether it is a connection between two hosts, in either direction.
    pub(super) fn is_between(&self, a: HostId, b: HostId) -> bool {
        self.way(Side::Client) == (a, b) || self.way(Side::Client) == (b, a)
    }

    /// Whether the program holds no handle, and no segment is under way.
    pub(super) fn is_over(&self) -> bool {
        self.ends.iter().all(|end| end.released) && self.pipes.iter().all(|pipe| pipe.flight.is_empty())
    }
}

impl Index<Side> for Connection {
    type Output = End;

    fn index(&self, side: Side) -> &End {
        &self.ends[side as usize]
    }
}

impl IndexMut<Side> for Connection {
    fn index_mut(&mut self, side: Side) -> &mut End {
        &mut self.ends[side as usize]
    }
}

impl Side {
    pub(super) const BOTH: [Side; 2] = [Side::Client, Side::Server];

    pub(super) fn other(self) -> Side {
        match self {
            Side::Client => Side::Server,
            Side::Server => Side::Client,
        }
    }
}

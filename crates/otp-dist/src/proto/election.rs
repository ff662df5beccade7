use super::NodeName;

/// Decides which connection to one other node is used, when both nodes connect at the same moment, or the other one comes
/// back before the end of its earlier life was noticed.
///
/// Attempts and connections have numbers, which the caller makes. All calls for one node have to be under one lock, together
/// with the decision to connect: otherwise two nodes may end with no connection, or two.
///
/// ```
/// use otp::dist::proto::{Arrival, Election};
///
/// let (a, b) = ("a@h".parse().unwrap(), "b@h".parse().unwrap());
/// let (mut at_a, mut at_b) = (Election::default(), Election::default());
/// assert!(at_a.dial(1) && at_b.dial(1), "both connect");
/// assert_eq!(at_b.arrive(2, &b, &a), Arrival::Nok, "the larger name goes on itself");
/// assert_eq!(at_a.arrive(2, &a, &b), Arrival::Simultaneous { instead_of: 1 });
/// assert_eq!((at_a.finish(2), at_b.finish(1)), (Ok(None), Ok(None)));
/// ```
#[derive(Debug, Default)]
pub struct Election(State);

#[derive(Clone, Copy, Debug, Default)]
enum State {
    #[default]
    Idle,
    Pending {
        attempt: u64,
        dialled: bool,
    },
    Up(u64),
    /// There is a connection, and the node connects again.
    Replacing {
        connection: u64,
        attempt: u64,
    },
}

/// What is to be done about a node that connects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arrival {
    /// Go on: [`Status::Ok`](super::Status::Ok).
    Accept,
    /// Close an earlier attempt of the node to connect, and go on: [`Status::Ok`](super::Status::Ok).
    Again {
        /// The earlier attempt.
        instead_of: u64,
    },
    /// Give up the own attempt, and go on: [`Status::OkSimultaneous`](super::Status::OkSimultaneous).
    Simultaneous {
        /// The own attempt.
        instead_of: u64,
    },
    /// Go on with the own attempt: say [`Status::Nok`](super::Status::Nok), and close this one.
    Nok,
    /// Ask whether it is still wanted: [`Status::Alive`](super::Status::Alive).
    Alive,
    /// Close it.
    Refuse,
}

/// An attempt has been given up for another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("another connection to the node was preferred")]
#[non_exhaustive]
pub struct Lost;

impl Election {
    /// Begins to connect; false if there is no need to, because there is a connection or an attempt.
    pub fn dial(&mut self, attempt: u64) -> bool {
        let idle = matches!(self.0, State::Idle);
        if idle {
            self.0 = State::Pending { attempt, dialled: true };
        }
        idle
    }

    /// The node connects, as it says.
    pub fn arrive(&mut self, attempt: u64, own: &NodeName, peer: &NodeName) -> Arrival {
        let accepted = State::Pending { attempt, dialled: false };
        match self.0 {
            State::Idle => {
                self.0 = accepted;
                Arrival::Accept
            }
            State::Pending { dialled: true, .. } if own > peer => Arrival::Nok,
            State::Pending { attempt: instead_of, dialled } => {
                self.0 = accepted;
                if dialled { Arrival::Simultaneous { instead_of } } else { Arrival::Again { instead_of } }
            }
            State::Up(connection) => {
                self.0 = State::Replacing { connection, attempt };
                Arrival::Alive
            }
            State::Replacing { .. } => Arrival::Refuse,
        }
    }

    /// An attempt has succeeded: it is the connection now. Returns the one that it replaces, which has to be closed before
    /// the peer is told.
    ///
    /// # Errors
    ///
    /// [`Lost`] if it was given up meanwhile: close it.
    pub fn finish(&mut self, attempt: u64) -> Result<Option<u64>, Lost> {
        let replaced = match self.0 {
            State::Pending { attempt: pending, .. } if pending == attempt => None,
            State::Replacing { connection, attempt: pending } if pending == attempt => Some(connection),
            _ => return Err(Lost),
        };
        self.0 = State::Up(attempt);
        Ok(replaced)
    }

    /// An attempt has failed, or a connection is lost. Returns whether there is neither now.
    pub fn end(&mut self, number: u64) -> bool {
        match self.0 {
            State::Pending { attempt, .. } if attempt == number => self.0 = State::Idle,
            State::Up(connection) if connection == number => self.0 = State::Idle,
            State::Replacing { connection, attempt } if attempt == number => self.0 = State::Up(connection),
            State::Replacing { connection, attempt } if connection == number => {
                self.0 = State::Pending { attempt, dialled: false };
            }
            _ => return false,
        }
        matches!(self.0, State::Idle)
    }
}

use super::HandshakeError;
use super::message::{Introduction, ack_message, of_reply_message};
use crate::proto::{Cookie, Flags};

/// The side of a handshake that was connected to; the order of its steps is that of its methods. See
/// [`Initiator`](super::Initiator) for an example.
#[derive(Debug)]
pub struct Acceptor {
    own: Introduction,
    cookie: Cookie,
    challenge: u32,
    peer: Option<Introduction>,
}

impl Acceptor {
    /// Waits for the first message of a peer; `challenge` is random.
    pub fn new(own: Introduction, cookie: Cookie, challenge: u32) -> Acceptor {
        Acceptor { own, cookie, challenge, peer: None }
    }

    /// Handles the name of the peer, which has proved nothing yet. Answer with a [`Status`](super::Status).
    ///
    /// # Errors
    ///
    /// [`HandshakeError`]: close the connection; after [`NotAllowed`](super::Status::NotAllowed), if it is
    /// [`Flags`](HandshakeError::Flags).
    pub fn name(&mut self, message: &[u8]) -> Result<&Introduction, HandshakeError> {
        let peer = Introduction::of_name_message(message)?;
        if !peer.flags.contains(Flags::MANDATORY) {
            return Err(HandshakeError::Flags(peer.name));
        }
        Ok(self.peer.insert(peer))
    }

    /// Handles the peer's answer to [`Alive`](super::Status::Alive): whether the connection is still wanted.
    ///
    /// # Errors
    ///
    /// [`HandshakeError`] if it is not: close the connection.
    pub fn still_wanted(&self, message: &[u8]) -> Result<(), HandshakeError> {
        match message {
            b"strue" => Ok(()),
            b"sfalse" => Err(HandshakeError::Malformed("that it gives up")),
            _ => Err(HandshakeError::Malformed("neither true nor false")),
        }
    }

    /// The challenge: after the status, or after the answer to `Alive`.
    pub fn challenge(&self) -> Vec<u8> {
        self.own.challenge_message(self.challenge)
    }

    /// Handles the answer to the challenge: returns the last message, to be sent once nothing is left of an earlier
    /// connection.
    ///
    /// # Errors
    ///
    /// [`HandshakeError`] if the peer does not know the cookie: close the connection, without a word.
    pub fn reply(&self, message: &[u8]) -> Result<Vec<u8>, HandshakeError> {
        let peer = self.peer.as_ref().ok_or(HandshakeError::Malformed("an answer before its name"))?;
        let (challenge, digest) = of_reply_message(message)?;
        if !self.cookie.is_answered(self.challenge, &digest) {
            return Err(HandshakeError::Cookie(peer.name.clone()));
        }
        Ok(ack_message(&self.cookie.digest(challenge)))
    }
}

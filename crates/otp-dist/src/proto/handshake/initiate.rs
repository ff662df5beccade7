use super::HandshakeError;
use super::message::{Introduction, Status, of_ack_message, reply_message};
use crate::proto::{Cookie, Flags, NodeName};

/// The side of a handshake that has connected.
///
/// ```
/// use otp::dist::proto::{Acceptor, Initiator, Introduction, Status, Step};
/// use otp::dist::{Cookie, proto::Flags};
///
/// let node = |name: &str| Introduction::new(name.parse().unwrap(), Flags::visible(), 7);
/// let cookie = Cookie::new("secret");
/// let mut a = Initiator::new(node("a@h"), "b@h".parse().unwrap(), cookie.clone(), 1);
/// let mut b = Acceptor::new(node("b@h"), cookie, 2);
///
/// assert_eq!(b.name(&a.name_message()).unwrap().name.as_str(), "a@h");
/// let [status, challenge] = [Status::Ok.message().to_vec(), b.challenge()];
/// assert_eq!(a.receive(&status), Ok(Step::Wait));
/// let Ok(Step::Send(reply)) = a.receive(&challenge) else { panic!("it replies") };
/// let ack = b.reply(&reply).unwrap();
/// let Ok(Step::Done(peer)) = a.receive(&ack) else { panic!("both have proved themselves") };
/// assert_eq!(peer.name.as_str(), "b@h");
/// ```
#[derive(Debug)]
pub struct Initiator {
    own: Introduction,
    wanted: NodeName,
    cookie: Cookie,
    challenge: u32,
    state: State,
}

#[derive(Debug)]
enum State {
    Status,
    Challenge,
    Ack(Introduction),
}

/// What follows from a message of the peer.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// Another message will come.
    Wait,
    /// The peer has a connection already: [`Initiator::still_wanted`] says that this one is to replace it.
    Alive,
    /// Send this message, and wait for another one.
    Send(Vec<u8>),
    /// The peer is this node, and is connected.
    Done(Introduction),
}

impl Initiator {
    /// Begins a handshake with the node that is `wanted`; `challenge` is random.
    pub fn new(own: Introduction, wanted: NodeName, cookie: Cookie, challenge: u32) -> Initiator {
        Initiator { own, wanted, cookie, challenge, state: State::Status }
    }

    /// The first message.
    pub fn name_message(&self) -> Vec<u8> {
        self.own.name_message()
    }

    /// The answer to [`Step::Alive`], if the connection is to replace the other one.
    pub fn still_wanted() -> &'static [u8] {
        b"strue"
    }

    /// Handles a message of the peer.
    ///
    /// # Errors
    ///
    /// [`HandshakeError`]: close the connection.
    pub fn receive(&mut self, message: &[u8]) -> Result<Step, HandshakeError> {
        match &self.state {
            State::Status => {
                let status = Status::of_message(message)?;
                self.state = State::Challenge;
                match status {
                    Status::Ok | Status::OkSimultaneous => Ok(Step::Wait),
                    Status::Alive => Ok(Step::Alive),
                    status => Err(HandshakeError::Refused { peer: self.wanted.clone(), status }),
                }
            }
            State::Challenge => {
                let (peer, challenge) = Introduction::of_challenge_message(message)?;
                if peer.name != self.wanted {
                    return Err(HandshakeError::OtherNode { wanted: self.wanted.clone(), found: peer.name });
                }
                if !peer.flags.contains(Flags::MANDATORY) {
                    return Err(HandshakeError::Flags(peer.name));
                }
                self.state = State::Ack(peer);
                Ok(Step::Send(reply_message(self.challenge, &self.cookie.digest(challenge))))
            }
            State::Ack(peer) => {
                let digest = of_ack_message(message)?;
                if self.cookie.is_answered(self.challenge, &digest) {
                    Ok(Step::Done(peer.clone()))
                } else {
                    Err(HandshakeError::Cookie(peer.name.clone()))
                }
            }
        }
    }

    /// Returns whether the reply to the peer's challenge is under way: a peer that closes now has another cookie.
    pub fn has_replied(&self) -> bool {
        matches!(self.state, State::Ack(_))
    }
}

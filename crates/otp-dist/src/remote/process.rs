use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;

use otp_core::behaviour::may_block;
use otp_core::{Pid, Process, Target};
use otp_etf::{Atom, Term, to_bytes};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::call::RemoteCall;
use super::destination::Destination;
use super::error::RemoteSendError;
use crate::node::{NotMade, Posted, Shared};

/// A process of another node: by its pid, by its name, or by an alias. Cheap to clone; made by
/// [`Cluster`](crate::Cluster).
///
/// What is sent to it is encoded by the [conventions](otp_etf#conventions) of `otp::etf`. Sending connects, if the node is
/// not connected. Messages of one process to another arrive in order, unless the connection is lost in between. Whether
/// one has arrived is not known: monitor the process, or call it.
///
/// Links, monitors and exit signals take [its pid](Remote::pid).
#[derive(Clone)]
pub struct Remote {
    pub(super) node: Arc<Shared>,
    pub(super) to: Destination,
}

impl Remote {
    pub(crate) fn new(node: Arc<Shared>, to: Destination) -> Remote {
        Remote { node, to }
    }

    /// Sends a message; waits while too much waits to be written to the node (backpressure).
    ///
    /// # Errors
    ///
    /// [`RemoteSendError`] if it cannot be encoded, or the node must not be connected to. A message to a process that does
    /// not exist is dropped, as in Erlang, and so is one to a node that cannot be connected to: the error then only comes to
    /// those who wait, because more than `busy_limit` waits for the connection.
    ///
    /// # Cancel safety
    ///
    /// The message is sent at the first poll, unless too much waits to be written: then when there is room. Dropping the
    /// future afterwards only ends the wait.
    pub async fn send<M: Serialize + ?Sized>(&self, message: &M) -> Result<(), RemoteSendError> {
        let encoded =
            to_bytes(message).map_err(|source| RemoteSendError::Encode { to: self.to.to_string(), source })?;
        self.post(encoded[1..].to_vec()).await
    }

    /// Casts to a server: sends `{'$gen_cast', Message}`.
    ///
    /// # Errors
    ///
    /// As [`send`](Remote::send).
    pub async fn cast<M: Serialize + ?Sized>(&self, message: &M) -> Result<(), RemoteSendError> {
        self.post(self.cast_bytes(message)?).await
    }

    /// Calls a server, and waits for the answer, for at most five seconds: `gen_server:call/3`.
    pub fn call<R: DeserializeOwned>(&self, request: &(impl Serialize + ?Sized)) -> RemoteCall<R> {
        RemoteCall::new(self.clone(), request)
    }

    /// The pid of the process in this system, for links, monitors and exit signals. A name has a pid that only stands for
    /// it, for monitors. `None` for an alias, and if the node of a pid was never connected.
    pub fn pid(&self) -> Option<Pid> {
        match &self.to {
            Destination::Pid(pid) => self.node.pid_of(pid),
            Destination::Name(name, node) if *node == self.node.own.name => {
                let name = Target::Name(name.as_str().to_owned().into());
                otp_core::node::Receiver::find(&self.node.system, name).map(|receiver| receiver.pid())
            }
            Destination::Name(name, _) => self.node.peer_at(&self.to)?.pid_of_name(name),
            Destination::Alias(_) => None,
        }
    }

    /// A message, encoded without 131.
    pub(crate) fn bytes(&self, message: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, RemoteSendError> {
        let encoded = to_bytes(message).map_err(|source| RemoteSendError::Encode { to: self.to.to_string(), source });
        encoded.map(|mut bytes| bytes.split_off(1))
    }

    /// A cast, encoded without 131.
    pub(crate) fn cast_bytes(&self, message: &(impl Serialize + ?Sized)) -> Result<Vec<u8>, RemoteSendError> {
        self.bytes(&(Atom::from_static("$gen_cast"), message))
    }

    /// Waits while too much waits to be written to the node: many who send at once are not to fill the memory.
    pub(crate) async fn room(&self) {
        let conn = self.node.peer_at(&self.to).and_then(|peer| peer.conn());
        if let Some(conn) = conn {
            // That it is closed shows when something is sent.
            let _ = poll_fn(|cx| may_block(conn.outbox.poll_room(cx), cx)).await;
        }
    }

    pub(crate) async fn post(&self, payload: Vec<u8>) -> Result<(), RemoteSendError> {
        let sender = Process::current().filter(|process| *process.system() == self.node.system);
        let sender = sender.map_or(Pid::SYSTEM, |process| process.pid());
        let lost = || RemoteSendError::NoConnection { to: self.to.to_string() };
        self.room().await;
        let conn = match self.node.post_to(sender, &self.to, payload) {
            Posted::Sent(conn) => Some(conn),
            Posted::Queued(ended) => {
                let peer = self.node.peer_at(&self.to).ok_or_else(lost)?;
                poll_fn(|cx| may_block(peer.poll_queue(ended, cx), cx)).await.map_err(|NotMade| lost())?
            }
            Posted::Here => None,
            Posted::Unreachable => return Err(lost()),
        };
        if let Some(conn) = conn {
            // If it is closed meanwhile, the message is lost, as one that is under way.
            let _ = poll_fn(|cx| may_block(conn.outbox.poll_room(cx), cx)).await;
        }
        Ok(())
    }
}

/// For monitors.
impl From<&Remote> for Target {
    fn from(remote: &Remote) -> Target {
        Target::Route { label: remote.to.to_string().into(), pid: remote.pid() }
    }
}

impl From<&Remote> for Term {
    /// The pid or the reference, or `{Name, Node}`.
    fn from(remote: &Remote) -> Term {
        match &remote.to {
            Destination::Pid(pid) => pid.clone().into(),
            Destination::Alias(reference) => reference.clone().into(),
            Destination::Name(name, node) => Term::tuple([Term::Atom(name.clone()), Term::Atom(node.atom().clone())]),
        }
    }
}

impl fmt::Display for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.to, f)
    }
}

impl fmt::Debug for Remote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Remote({})", self.to)
    }
}

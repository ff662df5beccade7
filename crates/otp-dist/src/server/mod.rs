//! Servers here that other nodes call.

mod call;
mod driven;
mod elsewhere;
mod forward;
mod remote_server;
mod reply;
mod request;
mod system;

use std::pin::Pin;
use std::sync::Arc;

use otp_etf::Term;

pub use forward::{Forward, Forwarded};
pub use remote_server::{Refused, RemoteServer};
pub use reply::Reply;
pub use request::Request;

pub(crate) use call::{Answer, Call};
pub(crate) use driven::Driven;
pub(crate) use elsewhere::Elsewhere;
pub(crate) use forward::stand_for;
pub(crate) use remote_server::servers;

use crate::conn::{Conn, Waiting};
use crate::node::Shared;

/// A message of another node to a process here.
pub(crate) struct Incoming {
    pub(crate) node: Arc<Shared>,
    /// The connection over which it comes; `None` if it is of this node.
    pub(crate) from: Option<Arc<Conn>>,
    pub(crate) message: Term,
    /// How many bytes it had.
    pub(crate) size: usize,
}

impl Incoming {
    /// Counts it as a message that waits for a process of the node itself.
    pub(crate) fn waiting(&self) -> Option<Waiting> {
        Some(self.from.as_ref()?.unheard.add(self.size))
    }
}

/// Waits for the answer of a server to a call of another node; `None` if there will be none.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Option<Answer>> + Send>>;

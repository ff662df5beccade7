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

use crate::node::Shared;
use crate::proto::NodeName;

/// A message of another node to a process here.
pub(crate) struct Incoming {
    pub(crate) node: Arc<Shared>,
    /// The node that sends it; `None` if that is this one.
    #[cfg_attr(not(feature = "groups"), expect(dead_code, reason = "only groups ask for it"))]
    pub(crate) from: Option<NodeName>,
    pub(crate) message: Term,
}

/// Waits for the answer of a server to a call of another node; `None` if there will be none.
pub(crate) type Answering = Pin<Box<dyn Future<Output = Option<Answer>> + Send>>;

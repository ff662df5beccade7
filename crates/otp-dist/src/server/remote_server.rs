use std::sync::Arc;

use otp_core::TrySendError;
use otp_etf::Term;
use otp_genserver::{Envelope, GenServer, ServerRef};

use super::reply::Reply;
use super::system::serve_system;
use super::{Answering, Call};
use crate::node::{Deliver, Delivered, Receivers};

/// A server that other nodes may call: makes its messages of the terms that they send.
///
/// Once the node [serves](crate::Node::serves) the type, Elixir's `GenServer.call/3`, `cast/2` and `stop/3` reach its
/// servers by name and by pid, and so do `Process.monitor/1` and `:sys`. Callers here are not affected.
///
/// A request that is no call of the server is answered with `{error, {bad_request, <<"why">>}}`.
pub trait RemoteServer: GenServer {
    /// Sends a request of another node to the server, as a call.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the term is no call of this server.
    fn call(server: &ServerRef<Self>, request: Term) -> Result<Reply, Refused>;

    /// Makes a cast.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the term is no cast of this server: it is dropped, with a warning in the log.
    fn cast(cast: Term) -> Result<Self::Cast, Refused> {
        Err(Refused::new(format!("{cast:.200} is no cast")))
    }

    /// Makes any other message.
    ///
    /// # Errors
    ///
    /// [`Refused`] if the term is no message of this server: it is dropped, with a warning in the log.
    fn info(message: Term) -> Result<Self::Info, Refused> {
        Err(Refused::new(format!("{message:.200} is no message of the server")))
    }
}

/// The error of a term that is no message of a server.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Refused {
    why: String,
}

impl Refused {
    /// Says why the term is refused; the caller gets this text.
    pub fn new(why: impl Into<String>) -> Refused {
        Refused { why: why.into() }
    }
}

impl From<otp_etf::DeserializeError> for Refused {
    fn from(error: otp_etf::DeserializeError) -> Refused {
        Refused::new(error.to_string())
    }
}

/// Adds the servers of a type to what other nodes may reach.
pub(crate) fn servers<S: RemoteServer>(receivers: &Receivers) -> Receivers {
    let deliver: Deliver = Arc::new(|receiver, incoming| {
        let Some(process) = receiver.typed::<Envelope<S>>() else { return Delivered::Done };
        let server: ServerRef<S> = process.into();
        let (node, by) = (incoming.node, receiver.pid());
        match Call::tagged(incoming.message, "$gen_call") {
            Ok(call) => {
                let (from, request) = call.into_parts();
                let reply = S::call(&server, request).unwrap_or_else(|refused| {
                    Reply::ready(&Err::<(), _>((otp_etf::Atom::from_static("bad_request"), refused.why)))
                });
                let answering: Answering =
                    Box::pin(async move { reply.into_bytes().await.and_then(|answer| from.answer(by, &answer)) });
                Delivered::Answer(answering)
            }
            Err(message) => match Call::tagged(message, "system") {
                Ok(call) => Delivered::Answer(serve_system(node, by, call)),
                Err(message) => other(&server, message),
            },
        }
    });
    receivers.with::<Envelope<S>>(deliver)
}

/// Delivers what is no call.
fn other<S: RemoteServer>(server: &ServerRef<S>, message: Term) -> Delivered {
    let is_cast = matches!(message.as_tuple(), Some([tag, _]) if tag.as_atom() == Some("$gen_cast"));
    let sent = match message {
        Term::Tuple(mut parts) if is_cast => {
            let cast = parts.pop().map_or_else(|| Err(Refused::new("an empty cast")), S::cast);
            cast.map(|cast| matches!(server.try_cast(cast), Err(TrySendError::Full { .. })))
        }
        message => S::info(message).map(|info| matches!(server.try_info(info), Err(TrySendError::Full { .. }))),
    };
    match sent {
        Ok(true) => Delivered::Full,
        Ok(false) => Delivered::Done,
        Err(refused) => {
            tracing::warn!(target: "otp::dist", server = ?server, %refused, "a message of another node is dropped");
            Delivered::Done
        }
    }
}

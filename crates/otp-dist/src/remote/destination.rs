use std::fmt;
use std::sync::Arc;

use otp_core::node::Receiver;
use otp_core::{Pid, Target};
use otp_etf::{Atom, Decoder, Limits, Pid as WirePid, Reference, Term};

use crate::node::{PeerNode, Posted, Shared, deliver};
use crate::proto::{Control, NodeName};

/// Where a message goes, on any node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Destination {
    Pid(WirePid),
    Name(Atom, NodeName),
    Alias(Reference),
}

impl Destination {
    pub(crate) fn node(&self) -> &Atom {
        match self {
            Destination::Pid(pid) => &pid.node,
            Destination::Name(_, node) => node.atom(),
            Destination::Alias(reference) => &reference.node,
        }
    }

    /// The control message that sends to it.
    pub(crate) fn send(&self, from: WirePid) -> Control {
        match self {
            Destination::Pid(to) => Control::Send { to: to.clone(), from: Some(from) },
            Destination::Name(name, _) => Control::RegSend { from, name: name.clone() },
            Destination::Alias(alias) => Control::AliasSend { from, alias: alias.clone() },
        }
    }
}

impl fmt::Display for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Destination::Pid(pid) => fmt::Display::fmt(pid, f),
            Destination::Name(name, node) => write!(f, "{name} at {node}"),
            Destination::Alias(reference) => fmt::Display::fmt(reference, f),
        }
    }
}

impl Shared {
    /// The node of a destination, if it is another one that is known.
    pub(crate) fn peer_at(&self, to: &Destination) -> Option<Arc<PeerNode>> {
        self.known_peer(&NodeName::new(to.node().as_str()).ok()?)
    }

    /// Sends an encoded term, without 131, from a process here.
    pub(crate) fn post_to(self: &Arc<Self>, sender: Pid, to: &Destination, payload: Vec<u8>) -> Posted {
        if to.node() == self.own.name.atom() {
            self.post_here(to, &payload);
            return Posted::Here;
        }
        match self.peer_at(to) {
            Some(peer) => peer.post(sender, to.send(self.own.wire_pid(sender)), payload, true),
            None => Posted::Unreachable,
        }
    }

    /// Delivers to a process of this node, as if it came from another one. The answer to a call is sent as one.
    fn post_here(self: &Arc<Self>, to: &Destination, payload: &[u8]) {
        let Ok(message) = Decoder::new(payload, &Limits::new().size(usize::MAX)).and_then(|mut decoder| decoder.term())
        else {
            return;
        };
        let target: Option<Target> = match to {
            Destination::Pid(pid) => self.own.pid(pid).map(Target::Pid),
            Destination::Name(name, _) => Some(Target::Name(name.as_str().to_owned().into())),
            Destination::Alias(alias) => {
                let Some(reference) = self.own.reference(alias) else { return };
                match message {
                    Term::Tuple(mut parts) if parts.len() == 2 && self.calls.is_waiting(reference) => {
                        self.calls.answer(reference, parts.swap_remove(1));
                    }
                    message => {
                        if let Some(forward) = self.aliases.find(reference) {
                            forward(message);
                        }
                    }
                }
                return;
            }
        };
        let receiver = target.and_then(|target| Receiver::find(&self.system, target));
        if let Some(receiver) = receiver {
            deliver(self, &receiver, message);
        }
    }
}

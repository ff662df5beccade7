use std::io;

use otp_behaviour::StartError;
use otp_core::ExitReason;
use otp_core::runtime::net::{ListenError, NetAddr, NoNet};

use otp_supervisor::FailedToStartChild;

use crate::proto::NodeName;

/// Why a node does not start; [`behind`](NodeStartError::behind) the error of a supervisor.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeStartError {
    /// The runtime has no sockets.
    #[error(transparent)]
    NoNet(#[from] NoNet),
    /// The node cannot listen.
    #[error(transparent)]
    Listen(#[from] ListenError),
    /// The node would listen beyond the loopback interface without encryption.
    #[error("cannot listen on {address}, beyond the loopback interface, without TLS")]
    #[non_exhaustive]
    NotLoopback {
        /// The address.
        address: NetAddr,
    },
    /// The node has no cookie, or an empty one.
    #[error("node {name} has no cookie")]
    #[non_exhaustive]
    NoCookie {
        /// The node.
        name: NodeName,
    },
    /// The runtime has no random numbers that nobody can guess, and so no challenges for peers.
    #[error("the node cannot challenge its peers: {source}")]
    #[non_exhaustive]
    NoChallenge {
        /// The error.
        source: io::Error,
    },
    /// Epmd does not answer. A node that is to [start one](crate::Node::start_epmd) where there is none needs no other.
    #[error("epmd on port {port} does not answer: is it started?")]
    #[non_exhaustive]
    Epmd {
        /// The port of epmd.
        port: u16,
        /// The error.
        source: io::Error,
    },
    /// Another node of this host has the name.
    #[error("there is a node {name} already")]
    #[non_exhaustive]
    NameTaken {
        /// The name.
        name: NodeName,
    },
    /// The system is a node already.
    #[error("the system is a node already, and cannot be {name} too")]
    #[non_exhaustive]
    SecondNode {
        /// The name.
        name: NodeName,
    },
}

impl NodeStartError {
    /// Returns why a node did not start, if this is the reason of a failed start.
    pub fn behind(error: &StartError) -> Option<&NodeStartError> {
        let failed = FailedToStartChild::behind(error).map(|failed| failed.cause());
        match failed.unwrap_or(error).reason()? {
            ExitReason::Error(crash) => crash.error()?.downcast_ref(),
            _ => None,
        }
    }
}

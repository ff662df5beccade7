use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use otp_core::runtime::net::{Net, NetAddr};

use super::receivers::Receivers;
use crate::conn::Bounds;
use crate::proto::{Cookie, Flags, Limits, NodeName, epmd};

/// What a node is configured to.
#[derive(Clone)]
pub(crate) struct Config {
    pub(crate) name: NodeName,
    pub(crate) cookie: Option<Cookie>,
    pub(crate) hidden: bool,
    pub(crate) listen: Option<NetAddr>,
    pub(crate) ports: Ports,
    /// Whether the node is the epmd of its host where there is none.
    pub(crate) start_epmd: bool,
    pub(crate) tick_time: Duration,
    pub(crate) setup_time: Duration,
    pub(crate) allowed: Option<BTreeSet<NodeName>>,
    pub(crate) exposed: Option<BTreeSet<String>>,
    pub(crate) limits: Limits,
    pub(crate) bounds: Bounds,
    /// How many connections may be in their handshake.
    pub(crate) handshakes: usize,
    pub(crate) receivers: Receivers,
    #[cfg(feature = "groups")]
    pub(crate) shares: Vec<crate::groups::Share>,
    #[cfg(feature = "tls")]
    pub(crate) tls: Option<crate::conn::Tls>,
}

/// How nodes learn the ports of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ports {
    /// From epmd, which listens on this port of each host.
    Epmd(u16),
    /// Every node listens on this port of its host.
    Fixed(u16),
}

impl Config {
    pub(crate) fn new(name: NodeName) -> Config {
        Config {
            name,
            cookie: None,
            hidden: false,
            listen: None,
            ports: Ports::Epmd(epmd::PORT),
            start_epmd: false,
            tick_time: Duration::from_secs(60),
            setup_time: Duration::from_secs(7),
            allowed: None,
            exposed: None,
            limits: Limits::default(),
            bounds: Bounds::of(1 << 20),
            handshakes: 512,
            receivers: Receivers::default(),
            #[cfg(feature = "groups")]
            shares: Vec::new(),
            #[cfg(feature = "tls")]
            tls: None,
        }
    }

    /// Where the node listens unless told otherwise: on the loopback interface.
    pub(crate) fn address(&self) -> NetAddr {
        let port = match self.ports {
            Ports::Epmd(_) => 0,
            Ports::Fixed(port) => port,
        };
        let host = self.name.host().parse().ok().filter(IpAddr::is_loopback);
        self.listen.clone().unwrap_or_else(|| (host.unwrap_or(IpAddr::from([127, 0, 0, 1])), port).into())
    }

    fn is_encrypted(&self) -> bool {
        #[cfg(feature = "tls")]
        let encrypted = self.tls.is_some();
        #[cfg(not(feature = "tls"))]
        let encrypted = false;
        encrypted
    }

    /// Whether connections may lead to this address: beyond this machine they have to be encrypted.
    pub(crate) fn may_use(&self, net: &Net, address: &NetAddr) -> bool {
        self.is_encrypted() || (address.tcp().is_some() && net.is_local(address))
    }

    /// How many bytes a frame has at most. Without fragments it is a whole message.
    pub(crate) fn frame_limit(&self, agreed: Flags) -> usize {
        let limits = &self.limits;
        if agreed.contains(Flags::FRAGMENTS) { limits.max_frame() } else { limits.max_message() }
    }

    pub(crate) fn allows(&self, peer: &NodeName) -> bool {
        self.allowed.as_ref().is_none_or(|allowed| allowed.contains(peer)) && *peer != self.name
    }

    /// Whether other nodes may send to the process with this name.
    pub(crate) fn exposes(&self, name: &str) -> bool {
        #[cfg(feature = "groups")]
        if self.shares.iter().any(|share| share.name() == name) {
            return true;
        }
        name == NET_KERNEL || self.exposed.as_ref().is_none_or(|exposed| exposed.contains(name))
    }
}

/// The name of the process that answers `net_adm:ping`.
pub(crate) const NET_KERNEL: &str = "net_kernel";

use std::io;
use std::net::SocketAddr;

use super::NetAddr;

/// A runtime has no sockets: its backend has none, or was built without its feature `net`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the runtime {runtime} has no sockets: enable the feature `net` of its backend, if it has one")]
#[non_exhaustive]
pub struct NoNet {
    /// The name of the runtime.
    pub runtime: &'static str,
}

impl NoNet {
    /// That the runtime of this name has no sockets; for backends.
    pub const fn new(runtime: &'static str) -> NoNet {
        NoNet { runtime }
    }
}

/// A connection that could not be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The connection failed.
    #[error("cannot connect to {address}")]
    #[non_exhaustive]
    Failed {
        /// The address. Of several that a host has, it is the last that was tried.
        address: NetAddr,
        /// Why.
        source: io::Error,
    },
    /// The host was not found.
    #[error(transparent)]
    LookUp(#[from] LookUpError),
}

impl ConnectError {
    /// What kind of error is behind it, such as [`ConnectionRefused`](io::ErrorKind::ConnectionRefused).
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            ConnectError::Failed { source, .. } => source.kind(),
            ConnectError::LookUp(error) => error.kind(),
        }
    }
}

/// An address that could not be listened on.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
#[non_exhaustive]
pub struct ListenError {
    /// The address.
    pub address: NetAddr,
    /// Why.
    pub source: io::Error,
}

impl ListenError {
    /// What kind of error is behind it, such as [`AddrInUse`](io::ErrorKind::AddrInUse).
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

/// A listener that cannot let a client in: for lack of file descriptors or memory, as a rule.
#[derive(Debug, thiserror::Error)]
#[error("cannot accept a connection on {address}")]
#[non_exhaustive]
pub struct AcceptError {
    /// The address that the listener was made for.
    pub address: NetAddr,
    /// Why.
    pub source: io::Error,
}

impl AcceptError {
    /// What kind of error is behind it.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

/// A host name that could not be looked up.
#[derive(Debug, thiserror::Error)]
#[error("cannot look up the host {host:?}")]
#[non_exhaustive]
pub struct LookUpError {
    /// The name.
    pub host: String,
    /// Why.
    pub source: io::Error,
}

impl LookUpError {
    /// What kind of error is behind it.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }

    /// The addresses that were found, or why there is none.
    pub(super) fn found(host: &str, found: io::Result<Vec<SocketAddr>>) -> Result<Vec<SocketAddr>, LookUpError> {
        let none = || io::Error::new(io::ErrorKind::NotFound, "it has no address");
        found
            .and_then(|addresses| if addresses.is_empty() { Err(none()) } else { Ok(addresses) })
            .map_err(|source| LookUpError { host: host.to_owned(), source })
    }
}

use std::io;
use std::net::SocketAddr;

use super::NetAddr;

/// The error when a runtime has no sockets: its backend has none, or was built without the feature `net`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the runtime {runtime} has no sockets: enable the feature `net` of its backend, if it has one")]
#[non_exhaustive]
pub struct NoNet {
    /// The name of the runtime.
    pub runtime: &'static str,
}

impl NoNet {
    /// Makes the error for the runtime with this name; for backends.
    pub const fn new(runtime: &'static str) -> NoNet {
        NoNet { runtime }
    }
}

/// The error of connecting.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The connection failed.
    #[error("cannot connect to {address}")]
    #[non_exhaustive]
    Failed {
        /// The address. If the host has several, the last one that was tried.
        address: NetAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The host name could not be looked up.
    #[error(transparent)]
    LookUp(#[from] LookUpError),
}

impl ConnectError {
    /// The kind of the error, such as [`ConnectionRefused`](io::ErrorKind::ConnectionRefused).
    pub fn kind(&self) -> io::ErrorKind {
        match self {
            ConnectError::Failed { source, .. } => source.kind(),
            ConnectError::LookUp(error) => error.kind(),
        }
    }
}

/// The error of listening on an address.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address}")]
#[non_exhaustive]
pub struct ListenError {
    /// The address.
    pub address: NetAddr,
    /// The error of the operating system.
    pub source: io::Error,
}

impl ListenError {
    /// The kind of the error, such as [`AddrInUse`](io::ErrorKind::AddrInUse).
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

/// The error of accepting a client, usually for lack of file descriptors or memory.
#[derive(Debug, thiserror::Error)]
#[error("cannot accept a connection on {address}")]
#[non_exhaustive]
pub struct AcceptError {
    /// The address that the listener was made for.
    pub address: NetAddr,
    /// The error of the operating system.
    pub source: io::Error,
}

impl AcceptError {
    /// The kind of the error.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

/// The error of looking up a host name.
#[derive(Debug, thiserror::Error)]
#[error("cannot look up the host {host:?}")]
#[non_exhaustive]
pub struct LookUpError {
    /// The name.
    pub host: String,
    /// The error of the operating system.
    pub source: io::Error,
}

impl LookUpError {
    /// The kind of the error.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }

    /// Returns the addresses that were found, or an error if there is none.
    pub(super) fn found(host: &str, found: io::Result<Vec<SocketAddr>>) -> Result<Vec<SocketAddr>, LookUpError> {
        let none = || io::Error::new(io::ErrorKind::NotFound, "it has no address");
        found
            .and_then(|addresses| if addresses.is_empty() { Err(none()) } else { Ok(addresses) })
            .map_err(|source| LookUpError { host: host.to_owned(), source })
    }
}

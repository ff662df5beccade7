use std::io;
use std::net::SocketAddr;
use std::path::Path;

use futures::future::BoxFuture;
use futures::{AsyncRead, AsyncWrite};

use super::NetAddr;

/// Provides the sockets of an executor to a [`Net`](super::Net); implemented by backends.
///
/// The trait is object-safe. Every method may be called from any thread, inside the executor or outside, and so may the
/// returned futures and sockets be polled and dropped. Backends promise:
///
/// * a future that is dropped before it is ready has no visible effect, except that a peer may have been connected to,
///   and is disconnected;
/// * a TCP listener may be bound again at once after another one at the same address was dropped (`SO_REUSEADDR` on
///   Unix);
/// * futures and sockets that outlive their executor do not panic; they may fail, or wait for ever.
pub trait Sockets: Send + Sync + 'static {
    /// Connects to an address. A kind of address that the backend does not support fails with
    /// [`Unsupported`](io::ErrorKind::Unsupported).
    fn connect(&self, to: NetAddr) -> BoxFuture<'static, io::Result<BoxStreamSocket>>;

    /// Listens on an address; with port 0, on a free port.
    ///
    /// The file of a Unix socket is created, never replaced, and removed when the listener is dropped:
    /// [`UnixFile`](super::UnixFile) does this.
    fn listen(&self, options: ListenOptions) -> BoxFuture<'static, io::Result<BoxListenSocket>>;

    /// Looks up the addresses of a host, which is a name or an IP address, and adds a port to each.
    fn look_up(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;

    /// Returns whether what is sent to an address, and what listens on it, stays on this machine: a loopback address, or a
    /// Unix socket. Programs that send secrets without encryption only there ask for it.
    fn is_local(&self, address: &NetAddr) -> bool {
        address.tcp().is_none_or(|address| address.ip().is_loopback())
    }

    /// Removes the file of a Unix socket on which nothing listens any more. Fails for a file that is not a socket,
    /// which stays.
    fn remove(&self, path: &Path) -> io::Result<()> {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// The options of [`Sockets::listen`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenOptions {
    /// The address.
    pub address: NetAddr,
    /// How many clients may wait to be accepted.
    pub backlog: u32,
}

/// A connected socket of a backend.
///
/// One task at a time uses it, but each poll may come from another task; each direction wakes the waker of its own last
/// poll. Reading no bytes into a buffer that has room means the end of the stream. `poll_close` closes only the write
/// direction. Dropping it closes the socket.
pub trait StreamSocket: AsyncRead + AsyncWrite + Unpin + Send + Sync + 'static {
    /// The address of this end.
    fn local(&self) -> io::Result<NetAddr>;

    /// Returns whether small writes are sent at once (`TCP_NODELAY`). True for sockets without such a delay.
    fn nodelay(&self) -> io::Result<bool>;

    /// Sets whether small writes are sent at once. Sockets without such a delay ignore it.
    fn set_nodelay(&self, on: bool) -> io::Result<()>;

    /// Splits the socket into its two directions, for two tasks. It is closed when both are dropped.
    fn split(self: Box<Self>) -> (BoxReader, BoxWriter);
}

/// A listening socket of a backend. Dropping it closes it: new clients cannot connect, and clients that wait to be
/// accepted are disconnected.
pub trait ListenSocket: Send + Sync + 'static {
    /// The address, with the port that was chosen.
    fn local(&self) -> io::Result<NetAddr>;

    /// Waits for a client. Several tasks may wait at once; each client goes to one of them.
    ///
    /// If the future is dropped before it is ready, the client goes to another task.
    fn accept(&self) -> BoxFuture<'_, io::Result<(BoxStreamSocket, NetAddr)>>;
}

/// A boxed [`StreamSocket`].
pub type BoxStreamSocket = Box<dyn StreamSocket>;

/// A boxed [`ListenSocket`].
pub type BoxListenSocket = Box<dyn ListenSocket>;

/// The read direction of a socket.
pub type BoxReader = Box<dyn AsyncRead + Unpin + Send + Sync>;

/// The write direction of a socket.
pub type BoxWriter = Box<dyn AsyncWrite + Unpin + Send + Sync>;

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use futures::future::BoxFuture;
use futures::{AsyncRead, AsyncWrite};

use super::NetAddr;

/// What a backend offers for a [`Net`](super::Net): the sockets of its executor.
///
/// The trait is object-safe. Every method may be called from any thread, inside the executor or outside, and so may
/// what it returns be polled and dropped. Backends promise:
///
/// * a future that is dropped before it is ready has no effect that anybody could see, but that a peer may have been
///   connected to, and is disconnected;
/// * a TCP listener may be bound again at once when one at the same address was dropped (`SO_REUSEADDR` on Unix);
/// * what outlives its executor does not panic; it may fail, or wait for ever.
pub trait Sockets: Send + Sync + 'static {
    /// Connects to an address. An address of a kind that the backend does not have fails as
    /// [`Unsupported`](io::ErrorKind::Unsupported).
    fn connect(&self, to: NetAddr) -> BoxFuture<'static, io::Result<BoxStreamSocket>>;

    /// Listens on an address: with port 0, on a port that is free.
    ///
    /// The file of a Unix socket is made, never replaced, and is removed when the listener is dropped:
    /// [`UnixFile`](super::UnixFile) does that.
    fn listen(&self, options: ListenOptions) -> BoxFuture<'static, io::Result<BoxListenSocket>>;

    /// The addresses of a host, which is a name or an IP address, with a port added to each.
    fn look_up(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>>;

    /// Removes the file of a Unix socket that nobody listens on any more; anything else than a socket stays, and is an
    /// error.
    fn remove(&self, path: &Path) -> io::Result<()> {
        let _ = path;
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// How to listen, as a backend is asked for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListenOptions {
    /// Where.
    pub address: NetAddr,
    /// How many clients may wait to be accepted.
    pub backlog: u32,
}

/// A connected socket of a backend.
///
/// It belongs to one task at a time, which may be another one from one poll to the next; each direction wakes the waker
/// of its own last poll. A read of no bytes into a buffer that has room is the end of the stream. `poll_close` closes
/// the direction that is written, and nothing else. Dropping it closes the socket.
pub trait StreamSocket: AsyncRead + AsyncWrite + Unpin + Send + Sync + 'static {
    /// The address of this end.
    fn local(&self) -> io::Result<NetAddr>;

    /// Whether small writes are sent at once (`TCP_NODELAY`). True for sockets that know no delay.
    fn nodelay(&self) -> io::Result<bool>;

    /// Has small writes sent at once, or not. Sockets that know no delay ignore it.
    fn set_nodelay(&self, on: bool) -> io::Result<()>;

    /// The two directions, for two tasks. The socket is closed when both are dropped.
    fn split(self: Box<Self>) -> (BoxReader, BoxWriter);
}

/// A listening socket of a backend. Dropping it closes it: nobody can connect any more, and clients that wait to be
/// accepted are disconnected.
pub trait ListenSocket: Send + Sync + 'static {
    /// The address, with the port that was chosen.
    fn local(&self) -> io::Result<NetAddr>;

    /// Waits for a client. Several tasks may wait at once; a client that comes goes to one of them.
    ///
    /// A future that is dropped before it is ready leaves the client to others.
    fn accept(&self) -> BoxFuture<'_, io::Result<(BoxStreamSocket, NetAddr)>>;
}

/// A boxed [`StreamSocket`].
pub type BoxStreamSocket = Box<dyn StreamSocket>;

/// A boxed [`ListenSocket`].
pub type BoxListenSocket = Box<dyn ListenSocket>;

/// The direction of a socket that is read.
pub type BoxReader = Box<dyn AsyncRead + Unpin + Send + Sync>;

/// The direction of a socket that is written.
pub type BoxWriter = Box<dyn AsyncWrite + Unpin + Send + Sync>;

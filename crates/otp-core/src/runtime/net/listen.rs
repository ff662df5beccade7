use std::fmt;
use std::io;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{AcceptError, BoxListenSocket, ListenError, ListenOptions, ListenSocket, NetAddr, Sockets, Stream};

/// A builder of a [`Listener`]: what [`Net::listen`](super::Net::listen) returns, to be awaited.
#[must_use = "a builder does nothing unless it is awaited"]
pub struct Listen {
    sockets: Arc<dyn Sockets>,
    options: ListenOptions,
    replaces_stale: bool,
}

impl Listen {
    /// How many clients may wait to be accepted, unless [`backlog`](Listen::backlog) says otherwise.
    pub const BACKLOG: u32 = 1024;

    pub(super) fn new(sockets: Arc<dyn Sockets>, address: NetAddr) -> Listen {
        Listen { sockets, options: ListenOptions { address, backlog: Listen::BACKLOG }, replaces_stale: false }
    }

    /// How many clients may wait to be accepted; the operating system may make it less. Beyond that a TCP client waits
    /// to be connected, and one of a Unix socket fails, as [`WouldBlock`](io::ErrorKind::WouldBlock) on Linux.
    pub fn backlog(mut self, clients: u32) -> Listen {
        self.options.backlog = clients;
        self
    }

    /// Replaces the file of a Unix socket that nobody listens on any more.
    ///
    /// A listener removes its file when it is dropped. A program that was killed leaves it behind, and then the address
    /// is [in use](io::ErrorKind::AddrInUse), unless this is asked for. It tells a file that is left behind by
    /// connecting to it. Two programs that do so at the same moment may take it from each other: ask for it where only
    /// one is started at a time. A file that is no socket is never removed.
    pub fn replace_stale(mut self) -> Listen {
        self.replaces_stale = true;
        self
    }

    async fn start(self) -> Result<Listener, ListenError> {
        let Listen { sockets, options, replaces_stale } = self;
        let address = options.address.clone();
        let mut socket = sockets.listen(options.clone()).await;
        if let (Err(error), Some(path), true) = (&socket, address.path(), replaces_stale)
            && error.kind() == io::ErrorKind::AddrInUse
            && is_stale(&*sockets, &address).await
            && sockets.remove(path).is_ok()
        {
            socket = sockets.listen(options).await;
        }
        match socket {
            Ok(socket) => Ok(Listener { socket, address }),
            Err(source) => Err(ListenError { address, source }),
        }
    }
}

impl IntoFuture for Listen {
    type Output = Result<Listener, ListenError>;
    type IntoFuture = BoxFuture<'static, Result<Listener, ListenError>>;

    fn into_future(self) -> Self::IntoFuture {
        self.start().boxed()
    }
}

impl fmt::Debug for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listen").field("options", &self.options).finish_non_exhaustive()
    }
}

/// A listening socket, at which clients come in.
///
/// Dropping it closes it: nobody can connect any more, clients that wait to be accepted are disconnected, and the file
/// of a Unix socket is removed. Those that were accepted stay connected.
///
/// A listener that is shared, as by `Arc<Listener>`, outlives the process that accepts: while a supervisor starts that
/// one again, clients wait in the backlog.
#[must_use = "dropping a listener closes it"]
pub struct Listener {
    socket: BoxListenSocket,
    /// As it was asked for.
    address: NetAddr,
}

impl Listener {
    /// A listener over a socket; for whoever wraps the sockets of a backend.
    pub fn new(socket: impl ListenSocket, address: NetAddr) -> Listener {
        Listener { socket: Box::new(socket), address }
    }

    /// The address, with the port that was chosen where it was asked to listen on port 0.
    ///
    /// # Errors
    ///
    /// If the operating system does not tell.
    pub fn local(&self) -> io::Result<NetAddr> {
        self.socket.local()
    }

    /// Waits for the next client. Several processes may wait at one listener; a client goes to one of them.
    ///
    /// A client that went away while it waited to be accepted is passed over, where the operating system says so.
    ///
    /// # Errors
    ///
    /// [`AcceptError`] if no client can be let in, for lack of file descriptors or memory. The client waits on, and the
    /// next attempt may fail at once: try again after a pause.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no client is lost.
    pub async fn accept(&self) -> Result<Stream, AcceptError> {
        loop {
            match self.socket.accept().await {
                Ok((socket, peer)) => return Ok(Stream::of(socket, peer)),
                Err(error) if concerns_one_client(&error) => {}
                Err(source) => return Err(AcceptError { address: self.address.clone(), source }),
            }
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listener({})", self.address)
    }
}

/// Whether nobody listens at the file of a Unix socket.
async fn is_stale(sockets: &dyn Sockets, address: &NetAddr) -> bool {
    matches!(sockets.connect(address.clone()).await, Err(error) if error.kind() == io::ErrorKind::ConnectionRefused)
}

/// Whether an error is that of a client who has gone away while waiting.
fn concerns_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

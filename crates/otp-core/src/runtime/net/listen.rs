use std::fmt;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{AcceptError, BoxListenSocket, ListenError, ListenOptions, ListenSocket, NetAddr, Sockets, Stream};
use crate::process::blockable;
use crate::switch::Switches;

/// Configures and starts a [`Listener`] when it is awaited; made by [`Net::listen`](super::Net::listen).
#[must_use = "a builder does nothing unless it is awaited"]
pub struct Listen {
    sockets: Arc<dyn Sockets>,
    options: ListenOptions,
    replaces_stale: bool,
    switches: Switches,
}

impl Listen {
    /// The default [`backlog`](Listen::backlog): how many clients may wait to be accepted.
    pub const BACKLOG: u32 = 1024;

    pub(super) fn new(sockets: Arc<dyn Sockets>, address: NetAddr, switches: Switches) -> Listen {
        Listen {
            sockets,
            options: ListenOptions { address, backlog: Listen::BACKLOG },
            replaces_stale: false,
            switches,
        }
    }

    /// Sets how many clients may wait to be accepted; the operating system may reduce it. Beyond that, a TCP client
    /// waits to be connected, and a client of a Unix socket fails, on Linux with
    /// [`WouldBlock`](io::ErrorKind::WouldBlock).
    pub fn backlog(mut self, clients: u32) -> Listen {
        self.options.backlog = clients;
        self
    }

    /// Replaces the file of a Unix socket on which nothing listens any more.
    ///
    /// A listener removes its file when it is dropped. A program that is killed leaves the file behind, and the address
    /// is then [in use](io::ErrorKind::AddrInUse), unless this option is set. Whether a file is stale is found out by
    /// connecting to it. Two programs that do this at the same moment may take the file from each other: set the option
    /// only where one program is started at a time. A file that is not a socket is never removed.
    pub fn replace_stale(mut self) -> Listen {
        self.replaces_stale = true;
        self
    }

    async fn start(self) -> Result<Listener, ListenError> {
        let Listen { sockets, options, replaces_stale, switches } = self;
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
            Ok(socket) => Ok(Listener { socket, address, switches }),
            Err(source) => Err(ListenError { address, source }),
        }
    }
}

impl IntoFuture for Listen {
    type Output = Result<Listener, ListenError>;
    type IntoFuture = BoxFuture<'static, Result<Listener, ListenError>>;

    fn into_future(self) -> Self::IntoFuture {
        blockable(self.start()).boxed()
    }
}

impl fmt::Debug for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listen").field("options", &self.options).finish_non_exhaustive()
    }
}

/// Accepts clients: a listening socket.
///
/// Dropping a listener closes it: new clients cannot connect, clients that wait to be accepted are disconnected, and
/// the file of a Unix socket is removed. Accepted connections stay open.
///
/// A shared listener, as in `Arc<Listener>`, outlives the process that accepts: clients wait in the backlog while a
/// supervisor restarts that process.
#[must_use = "dropping a listener closes it"]
pub struct Listener {
    socket: BoxListenSocket,
    switches: Switches,
    /// The requested address.
    address: NetAddr,
}

impl Listener {
    /// Makes a listener from a socket; for crates that wrap the sockets of a backend.
    pub fn new(socket: impl ListenSocket, address: NetAddr) -> Listener {
        Listener { socket: Box::new(socket), address, switches: Switches::none() }
    }

    /// Returns the address; if the requested port was 0, with the port that was chosen.
    ///
    /// # Errors
    ///
    /// If the operating system does not report it.
    pub fn local(&self) -> io::Result<NetAddr> {
        self.socket.local()
    }

    /// Waits for the next client. Several processes may accept on one listener; each client goes to one of them.
    ///
    /// A client that went away while it waited to be accepted is skipped, if the operating system reports this.
    ///
    /// # Errors
    ///
    /// [`AcceptError`] if no client can be accepted, for lack of file descriptors or memory. The client keeps waiting,
    /// and the next attempt may fail at once: try again after a pause.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no client is lost.
    pub async fn accept(&self) -> Result<Stream, AcceptError> {
        loop {
            let mut accept = self.socket.accept();
            match poll_fn(|cx| self.switches.before(cx, |cx| accept.poll_unpin(cx))).await {
                Ok((socket, peer)) => return Ok(Stream::of(socket, peer, &self.switches)),
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

/// Returns whether nothing listens on the file of a Unix socket.
async fn is_stale(sockets: &dyn Sockets, address: &NetAddr) -> bool {
    matches!(sockets.connect(address.clone()).await, Err(error) if error.kind() == io::ErrorKind::ConnectionRefused)
}

/// Returns whether an error means that one client went away while waiting.
fn concerns_one_client(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

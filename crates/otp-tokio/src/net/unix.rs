use std::io;
use std::path::Path;

use futures::future::BoxFuture;
use otp_core::runtime::net::{BoxReader, BoxStreamSocket, BoxWriter, ListenSocket, NetAddr, StreamSocket, UnixFile};
use tokio::net::unix::SocketAddr;
use tokio::net::{UnixListener, UnixSocket, UnixStream};
use tokio::runtime::Handle;

use super::in_runtime::InRuntime;
use super::io::Io;

impl StreamSocket for Io<UnixStream> {
    fn local(&self) -> io::Result<NetAddr> {
        self.0.local_addr().map(|address| named(&address))
    }

    fn nodelay(&self) -> io::Result<bool> {
        Ok(true)
    }

    fn set_nodelay(&self, _on: bool) -> io::Result<()> {
        Ok(())
    }

    fn split(self: Box<Self>) -> (BoxReader, BoxWriter) {
        let (reader, writer) = self.0.into_split();
        (Box::new(Io(reader)), Box::new(Io(writer)))
    }
}

/// A listener of a Unix socket, with the runtime of its clients.
pub(crate) struct TokioUnixListener {
    /// Dropped first, so that the file is gone before the listener is.
    _file: UnixFile,
    listener: UnixListener,
    handle: Handle,
}

impl TokioUnixListener {
    /// Must be called inside the runtime.
    pub(crate) fn new(path: &Path, backlog: u32, handle: Handle) -> io::Result<TokioUnixListener> {
        let socket = UnixSocket::new_stream()?;
        socket.bind(path)?;
        let file = UnixFile::of(path);
        Ok(TokioUnixListener { listener: socket.listen(backlog)?, handle, _file: file })
    }
}

impl ListenSocket for TokioUnixListener {
    fn local(&self) -> io::Result<NetAddr> {
        self.listener.local_addr().map(|address| named(&address))
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(BoxStreamSocket, NetAddr)>> {
        Box::pin(InRuntime::new(&self.handle, async {
            let (stream, peer) = self.listener.accept().await?;
            Ok((Box::new(Io(stream)) as BoxStreamSocket, named(&peer)))
        }))
    }
}

fn named(address: &SocketAddr) -> NetAddr {
    address.as_pathname().map_or(NetAddr::UnixUnnamed, NetAddr::from)
}

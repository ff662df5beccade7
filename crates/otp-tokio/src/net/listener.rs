use std::io;
use std::net::SocketAddr;

use futures::future::BoxFuture;
use otp_core::runtime::net::{BoxStreamSocket, ListenSocket, NetAddr};
use tokio::net::{TcpListener, TcpSocket};
use tokio::runtime::Handle;

use super::in_runtime::InRuntime;
use super::io::Io;

/// A TCP listener, with the runtime of its clients.
pub(crate) struct TokioListener {
    listener: TcpListener,
    handle: Handle,
}

impl TokioListener {
    /// Must be called inside the runtime.
    pub(crate) fn new(address: SocketAddr, backlog: u32, handle: Handle) -> io::Result<TokioListener> {
        let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
        // On other systems this option would allow another program to take the address.
        #[cfg(unix)]
        socket.set_reuseaddr(true)?;
        socket.bind(address)?;
        Ok(TokioListener { listener: socket.listen(backlog)?, handle })
    }
}

impl ListenSocket for TokioListener {
    fn local(&self) -> io::Result<NetAddr> {
        self.listener.local_addr().map(NetAddr::Tcp)
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(BoxStreamSocket, NetAddr)>> {
        Box::pin(InRuntime::new(&self.handle, async {
            let (stream, peer) = self.listener.accept().await?;
            Ok((Box::new(Io(stream)) as BoxStreamSocket, NetAddr::Tcp(peer)))
        }))
    }
}

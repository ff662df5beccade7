use std::io;
use std::net::{SocketAddr, TcpListener};

use async_io::Async;
use futures::future::BoxFuture;
use otp_core::runtime::net::{BoxStreamSocket, ListenSocket, NetAddr};

use super::stream::SmolStream;

/// A TCP listener.
pub(crate) struct SmolListener(Async<TcpListener>);

impl SmolListener {
    pub(crate) fn new(address: SocketAddr, backlog: u32) -> io::Result<SmolListener> {
        bind(address, backlog).and_then(Async::new).map(SmolListener)
    }
}

impl ListenSocket for SmolListener {
    fn local(&self) -> io::Result<NetAddr> {
        self.0.get_ref().local_addr().map(NetAddr::Tcp)
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(BoxStreamSocket, NetAddr)>> {
        Box::pin(async {
            let (stream, peer) = self.0.accept().await?;
            Ok((SmolStream::boxed(stream), NetAddr::Tcp(peer)))
        })
    }
}

/// Like `TcpListener::bind`, which sets its own backlog.
#[cfg(unix)]
fn bind(address: SocketAddr, backlog: u32) -> io::Result<TcpListener> {
    use rustix::net::{AddressFamily, SocketType, bind, ipproto, listen, sockopt};

    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = super::unix::socket(family, SocketType::STREAM, Some(ipproto::TCP))?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    bind(&socket, &address)?;
    listen(&socket, super::unix::backlog(backlog))?;
    Ok(socket.into())
}

#[cfg(not(unix))]
fn bind(address: SocketAddr, _backlog: u32) -> io::Result<TcpListener> {
    TcpListener::bind(address)
}

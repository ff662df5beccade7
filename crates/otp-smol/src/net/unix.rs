use std::io;
use std::net::Shutdown;
use std::os::fd::OwnedFd;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::Path;

use async_io::Async;
use futures::future::BoxFuture;
use otp_core::runtime::net::{BoxStreamSocket, ListenSocket, NetAddr, UnixFile};
use rustix::net::{AddressFamily, Protocol, SocketAddrUnix, SocketType, bind, listen};

use super::stream::{SmolStream, Socket};

impl Socket for UnixStream {
    fn shut_down_write(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }

    fn local(&self) -> io::Result<NetAddr> {
        self.local_addr().map(|address| named(&address))
    }

    fn delays_nothing(&self) -> io::Result<bool> {
        Ok(true)
    }

    fn delay_nothing(&self, _on: bool) -> io::Result<()> {
        Ok(())
    }
}

/// Connects to a Unix socket.
pub(crate) async fn connect(path: &Path) -> io::Result<BoxStreamSocket> {
    match Async::<UnixStream>::connect(path).await {
        Ok(stream) => Ok(SmolStream::boxed(stream)),
        // async-io returns this error when the backlog is full.
        Err(error) if error.kind() == io::ErrorKind::NotConnected => Err(io::ErrorKind::WouldBlock.into()),
        Err(error) => Err(error),
    }
}

/// A listener of a Unix socket.
pub(crate) struct SmolUnixListener {
    /// Dropped first, so that the file is gone before the listener is.
    _file: UnixFile,
    listener: Async<UnixListener>,
}

impl SmolUnixListener {
    pub(crate) fn new(path: &Path, clients: u32) -> io::Result<SmolUnixListener> {
        let socket = socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
        bind(&socket, &SocketAddrUnix::new(path)?)?;
        let file = UnixFile::of(path);
        listen(&socket, backlog(clients))?;
        Ok(SmolUnixListener { _file: file, listener: Async::new(socket.into())? })
    }
}

impl ListenSocket for SmolUnixListener {
    fn local(&self) -> io::Result<NetAddr> {
        self.listener.get_ref().local_addr().map(|address| named(&address))
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(BoxStreamSocket, NetAddr)>> {
        Box::pin(async {
            let (stream, peer) = self.listener.accept().await?;
            Ok((SmolStream::boxed(stream), named(&peer)))
        })
    }
}

/// Makes a socket that child processes of the program do not inherit.
pub(crate) fn socket(family: AddressFamily, kind: SocketType, protocol: Option<Protocol>) -> io::Result<OwnedFd> {
    #[cfg(not(target_vendor = "apple"))]
    let socket = rustix::net::socket_with(family, kind, rustix::net::SocketFlags::CLOEXEC, protocol)?;
    #[cfg(target_vendor = "apple")]
    let socket = {
        let socket = rustix::net::socket(family, kind, protocol)?;
        rustix::io::ioctl_fioclex(&socket)?;
        socket
    };
    Ok(socket)
}

/// Converts a backlog to the operating system's type.
pub(crate) fn backlog(clients: u32) -> i32 {
    i32::try_from(clients).unwrap_or(i32::MAX)
}

fn named(address: &SocketAddr) -> NetAddr {
    address.as_pathname().map_or(NetAddr::UnixUnnamed, NetAddr::from)
}

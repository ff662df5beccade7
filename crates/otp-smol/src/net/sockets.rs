use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::path::Path;

use async_io::Async;
use futures::future::BoxFuture;
use otp_core::runtime::net::{BoxListenSocket, BoxStreamSocket, ListenOptions, NetAddr, Sockets};

use super::listener::SmolListener;
use super::stream::SmolStream;
#[cfg(unix)]
use super::unix::{self, SmolUnixListener};

/// The sockets of async-io, which do not depend on an executor.
pub(crate) struct SmolSockets;

impl Sockets for SmolSockets {
    fn connect(&self, to: NetAddr) -> BoxFuture<'static, io::Result<BoxStreamSocket>> {
        Box::pin(async move {
            match to {
                NetAddr::Tcp(address) => Async::<TcpStream>::connect(address).await.map(SmolStream::boxed),
                #[cfg(unix)]
                NetAddr::Unix(path) => unix::connect(&path).await,
                _ => Err(io::ErrorKind::Unsupported.into()),
            }
        })
    }

    fn listen(&self, options: ListenOptions) -> BoxFuture<'static, io::Result<BoxListenSocket>> {
        Box::pin(async move {
            Ok(match options.address {
                NetAddr::Tcp(address) => Box::new(SmolListener::new(address, options.backlog)?) as BoxListenSocket,
                #[cfg(unix)]
                NetAddr::Unix(path) => Box::new(SmolUnixListener::new(&path, options.backlog)?),
                _ => return Err(io::ErrorKind::Unsupported.into()),
            })
        })
    }

    fn look_up(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        // A blocking job: the operating system offers nothing else.
        Box::pin(blocking::unblock(move || Ok((host, port).to_socket_addrs()?.collect())))
    }

    #[cfg(unix)]
    fn remove(&self, path: &Path) -> io::Result<()> {
        otp_core::runtime::net::UnixFile::remove(path)
    }
}

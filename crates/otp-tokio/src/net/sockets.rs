use std::io;
use std::net::SocketAddr;
use std::path::Path;

use futures::future::BoxFuture;
use otp_core::runtime::net::{BoxListenSocket, BoxStreamSocket, ListenOptions, NetAddr, Sockets};
use tokio::net::{TcpStream, lookup_host};
use tokio::runtime::Handle;

use super::in_runtime::InRuntime;
use super::io::Io;
use super::listener::TokioListener;
#[cfg(unix)]
use super::unix::TokioUnixListener;

/// The sockets of a tokio runtime.
pub(crate) struct TokioSockets(pub(crate) Handle);

impl Sockets for TokioSockets {
    fn connect(&self, to: NetAddr) -> BoxFuture<'static, io::Result<BoxStreamSocket>> {
        Box::pin(InRuntime::new(&self.0, async move {
            Ok(match to {
                NetAddr::Tcp(address) => Box::new(Io(TcpStream::connect(address).await?)) as BoxStreamSocket,
                #[cfg(unix)]
                NetAddr::Unix(path) => Box::new(Io(tokio::net::UnixStream::connect(path).await?)),
                _ => return Err(io::ErrorKind::Unsupported.into()),
            })
        }))
    }

    fn listen(&self, options: ListenOptions) -> BoxFuture<'static, io::Result<BoxListenSocket>> {
        let handle = self.0.clone();
        Box::pin(InRuntime::new(&self.0, async move {
            Ok(match options.address {
                NetAddr::Tcp(address) => {
                    Box::new(TokioListener::new(address, options.backlog, handle)?) as BoxListenSocket
                }
                #[cfg(unix)]
                NetAddr::Unix(path) => Box::new(TokioUnixListener::new(&path, options.backlog, handle)?),
                _ => return Err(io::ErrorKind::Unsupported.into()),
            })
        }))
    }

    fn look_up(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        Box::pin(InRuntime::new(&self.0, async move { Ok(lookup_host((host, port)).await?.collect()) }))
    }

    #[cfg(unix)]
    fn remove(&self, path: &Path) -> io::Result<()> {
        otp_core::runtime::net::UnixFile::remove(path)
    }
}

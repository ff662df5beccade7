use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use futures::future::{BoxFuture, poll_fn};
use otp_core::runtime::net::{BoxListenSocket, BoxStreamSocket, ListenOptions, NetAddr, Sockets};

use super::connection::Side;
use super::hosts::HostId;
use super::listener::SimListener;
use super::stream::SimStream;
use crate::shared::Shared;

/// The sockets of one host of the simulated network.
pub(crate) struct SimSockets {
    shared: Arc<Shared>,
    host: HostId,
}

impl SimSockets {
    pub(crate) fn new(shared: Arc<Shared>, host: &str) -> SimSockets {
        let host = shared.with_net(|net, _| net.hosts.named(host));
        SimSockets { shared, host }
    }
}

impl Sockets for SimSockets {
    fn connect(&self, to: NetAddr) -> BoxFuture<'static, io::Result<BoxStreamSocket>> {
        let (shared, host) = (self.shared.clone(), self.host);
        Box::pin(async move {
            // A request to the operating system takes time.
            otp_core::yield_now().await;
            open(&shared)?;
            let connection = shared.with_net(|net, around| net.connect(host, &to, around))?;
            // From here on, the connection is closed if the future is dropped.
            let stream = SimStream::new(shared.clone(), connection, Side::Client);
            poll_fn(|cx| shared.with_net(|net, _| net.poll_connected(connection, cx.waker()))).await?;
            Ok(Box::new(stream) as BoxStreamSocket)
        })
    }

    fn listen(&self, options: ListenOptions) -> BoxFuture<'static, io::Result<BoxListenSocket>> {
        let (shared, host) = (self.shared.clone(), self.host);
        Box::pin(async move {
            otp_core::yield_now().await;
            open(&shared)?;
            let (listener, address) = shared.with_net(|net, _| net.listen(host, &options))?;
            Ok(Box::new(SimListener::new(shared, listener, address)) as BoxListenSocket)
        })
    }

    fn look_up(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        let shared = self.shared.clone();
        Box::pin(async move {
            otp_core::yield_now().await;
            let found = shared.with_net(|net, _| net.hosts.look_up(&host));
            Ok(found.into_iter().map(|ip| SocketAddr::new(ip, port)).collect())
        })
    }

    /// All hosts of the network are in this process.
    fn is_local(&self, address: &NetAddr) -> bool {
        let Some(address) = address.tcp() else { return true };
        address.ip().is_loopback() || self.shared.with_net(|net, _| net.hosts.has(address.ip()))
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        self.shared.with_net(|net, _| net.remove_file(self.host, path))
    }
}

fn open(shared: &Shared) -> io::Result<()> {
    if shared.lock().is_closed() { Err(io::Error::other("the simulation is over")) } else { Ok(()) }
}

use std::io;
use std::sync::Arc;
use std::task::Poll;

use futures::future::{BoxFuture, poll_fn};
use otp_core::runtime::net::{BoxStreamSocket, ListenSocket, NetAddr};

use super::connection::Side;
use super::stream::SimStream;
use crate::shared::Shared;

/// A listener on a simulated network.
pub(crate) struct SimListener {
    shared: Arc<Shared>,
    id: u64,
    address: NetAddr,
}

impl SimListener {
    pub(super) fn new(shared: Arc<Shared>, id: u64, address: NetAddr) -> SimListener {
        shared.with_net(|net, _| net.held += 1);
        SimListener { shared, id, address }
    }
}

impl ListenSocket for SimListener {
    fn local(&self) -> io::Result<NetAddr> {
        Ok(self.address.clone())
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(BoxStreamSocket, NetAddr)>> {
        Box::pin(poll_fn(|cx| {
            let accepted = self.shared.with_net(|net, around| net.poll_accept(self.id, cx.waker(), around));
            let Poll::Ready(accepted) = accepted else { return Poll::Pending };
            Poll::Ready(accepted.map(|(connection, peer)| {
                let stream = SimStream::new(self.shared.clone(), connection, Side::Server);
                (Box::new(stream) as BoxStreamSocket, peer)
            }))
        }))
    }
}

impl Drop for SimListener {
    fn drop(&mut self) {
        self.shared.with_net(|net, around| {
            net.held -= 1;
            net.close_listener(self.id, around);
        });
    }
}

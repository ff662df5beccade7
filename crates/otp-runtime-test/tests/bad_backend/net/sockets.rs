use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::BoxFuture;
use otp_core::runtime::net::{BoxListenSocket, BoxStreamSocket, ListenOptions, NetAddr, Sockets};
use otp_core::runtime::{Runtime, Task};

use super::listener::BadListener;
use super::stream::BadStream;
use crate::fault::Fault;
use crate::task::polling;

/// Sockets with a fault.
pub(crate) struct BadSockets {
    pub(crate) good: Arc<dyn Sockets>,
    pub(crate) runtime: Arc<dyn Runtime>,
    pub(crate) fault: Fault,
    pub(crate) dead: Arc<AtomicBool>,
}

impl Sockets for BadSockets {
    fn connect(&self, to: NetAddr) -> BoxFuture<'static, io::Result<BoxStreamSocket>> {
        let fault = self.fault;
        assert!(fault != Fault::RefusesForeignSockets || polling().is_some(), "no executor runs here");
        assert!(fault != Fault::SocketsPanicOnceDead || !self.dead.load(Ordering::SeqCst), "no executor runs any more");
        let good = self.good.connect(to);
        let good = if fault == Fault::LeaksConnects { self.connected_anyway(good) } else { good };
        good.map(move |socket| socket.map(|socket| BadStream::boxed(socket, fault)).map_err(|error| bent(error, fault)))
            .boxed()
    }

    fn listen(&self, mut options: ListenOptions) -> BoxFuture<'static, io::Result<BoxListenSocket>> {
        let fault = self.fault;
        if let (Fault::ListensOnV4Only, Some(address)) = (fault, options.address.tcp()) {
            options.address = (Ipv4Addr::LOCALHOST, address.port()).into();
        }
        if fault == Fault::IgnoresBacklog {
            options.backlog = 1024;
        }
        let path = options.address.path().map(Path::to_owned);
        let good = self.good.listen(options);
        good.map(move |socket| match socket {
            Ok(socket) => Ok(BadListener::boxed(socket, fault, path)),
            Err(error) => Err(bent(error, fault)),
        })
        .boxed()
    }

    fn look_up(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        let port = if self.fault == Fault::LooksUpAnotherPort { 0 } else { port };
        let found = self.good.look_up(host, port);
        match self.fault {
            Fault::FindsEveryHost => found.map(move |found| found.or(Ok(vec![([127, 0, 0, 1], port).into()]))).boxed(),
            _ => found,
        }
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        if self.fault == Fault::RemovesAnyFile { fs::remove_file(path) } else { self.good.remove(path) }
    }
}

impl BadSockets {
    /// Connects, whether anybody waits for it or not, and keeps what nobody takes.
    fn connected_anyway(
        &self,
        good: BoxFuture<'static, io::Result<BoxStreamSocket>>,
    ) -> BoxFuture<'static, io::Result<BoxStreamSocket>> {
        let (send, receive) = oneshot::channel();
        self.runtime.spawn(Task::new(async {
            if let Err(unwanted) = send.send(good.await) {
                std::mem::forget(unwanted);
            }
        }));
        receive.map(|connected| connected.unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))).boxed()
    }
}

fn bent(error: io::Error, fault: Fault) -> io::Error {
    if fault == Fault::ForgetsKinds { io::Error::other(error.to_string()) } else { error }
}

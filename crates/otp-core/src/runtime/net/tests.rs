//! Tests of the decisions above the seam, with scripted sockets.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use futures::executor::block_on;
use futures::future::{BoxFuture, FutureExt, ready};
use futures::{AsyncRead, AsyncWrite, AsyncWriteExt};

use super::*;

/// The outcome of each connect and accept: success, or this error.
type Script = Arc<Mutex<VecDeque<Result<(), ErrorKind>>>>;

struct Scripted {
    script: Script,
    closes: Arc<AtomicUsize>,
}

impl Scripted {
    fn new(script: impl IntoIterator<Item = Result<(), ErrorKind>>) -> Scripted {
        Scripted { script: Arc::new(Mutex::new(script.into_iter().collect())), closes: Arc::default() }
    }

    fn next(&self) -> io::Result<BoxStreamSocket> {
        let next = self.script.lock().unwrap().pop_front().expect("nothing else was to happen");
        next.map(|()| Box::new(Gone { closes: self.closes.clone() }) as BoxStreamSocket).map_err(io::Error::from)
    }
}

impl Sockets for Scripted {
    fn connect(&self, _to: NetAddr) -> BoxFuture<'static, io::Result<BoxStreamSocket>> {
        ready(self.next()).boxed()
    }

    fn listen(&self, _options: ListenOptions) -> BoxFuture<'static, io::Result<BoxListenSocket>> {
        let socket = Scripted { script: self.script.clone(), closes: self.closes.clone() };
        ready(Ok(Box::new(socket) as BoxListenSocket)).boxed()
    }

    fn look_up(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        let hosts = if host == "empty" { 0 } else { 3 };
        ready(Ok((1..=hosts).map(|n| ([10, 0, 0, n], port).into()).collect())).boxed()
    }
}

impl ListenSocket for Scripted {
    fn local(&self) -> io::Result<NetAddr> {
        Err(ErrorKind::Unsupported.into())
    }

    fn accept(&self) -> BoxFuture<'_, io::Result<(BoxStreamSocket, NetAddr)>> {
        ready(self.next().map(|socket| (socket, NetAddr::UnixUnnamed))).boxed()
    }
}

/// A stream whose connection is gone.
struct Gone {
    closes: Arc<AtomicUsize>,
}

impl AsyncRead for Gone {
    fn poll_read(self: Pin<&mut Self>, _cx: &mut Context<'_>, _buf: &mut [u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }
}

impl AsyncWrite for Gone {
    fn poll_write(self: Pin<&mut Self>, _cx: &mut Context<'_>, _buf: &[u8]) -> Poll<io::Result<usize>> {
        Poll::Pending
    }

    fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Pending
    }

    fn poll_close(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.closes.fetch_add(1, Ordering::SeqCst);
        Poll::Ready(Err(ErrorKind::NotConnected.into()))
    }
}

impl StreamSocket for Gone {
    fn local(&self) -> io::Result<NetAddr> {
        Err(ErrorKind::NotConnected.into())
    }

    fn nodelay(&self) -> io::Result<bool> {
        Err(ErrorKind::NotConnected.into())
    }

    fn set_nodelay(&self, _on: bool) -> io::Result<()> {
        Err(ErrorKind::NotConnected.into())
    }

    fn split(self: Box<Self>) -> (BoxReader, BoxWriter) {
        (Box::new(Gone { closes: Arc::default() }), self)
    }
}

const REFUSED: Result<(), ErrorKind> = Err(ErrorKind::ConnectionRefused);

#[test]
fn a_host_is_tried_at_each_of_its_addresses_until_one_answers() {
    let net = Net::new(Scripted::new([REFUSED, Ok(())]));
    let stream = block_on(net.connect_to("host", 80)).unwrap();
    assert_eq!(stream.peer(), &([10, 0, 0, 2], 80).into());
}

#[test]
fn a_host_that_answers_nowhere_fails_as_its_last_address() {
    let net = Net::new(Scripted::new([REFUSED, REFUSED, Err(ErrorKind::TimedOut)]));
    let error = block_on(net.connect_to("host", 80)).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::TimedOut, "cannot connect to 10.0.0.3:80"));
}

#[test]
fn a_host_without_an_address_is_not_found() {
    let net = Net::new(Scripted::new([]));
    let error = block_on(net.connect_to("empty", 80)).unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::NotFound, "cannot look up the host \"empty\""));
    assert!(matches!(error, ConnectError::LookUp(LookUpError { host, .. }) if host == "empty"));
}

#[test]
fn a_client_that_has_gone_away_is_passed_over_and_a_lack_of_room_is_told() {
    let gone = [ErrorKind::ConnectionAborted, ErrorKind::ConnectionReset, ErrorKind::Interrupted].map(Err);
    let script = gone.into_iter().chain([Ok(()), Err(ErrorKind::OutOfMemory)]);
    let net = Net::new(Scripted::new(script));
    let listener = block_on(net.listen(([10, 0, 0, 9], 80)).into_future()).unwrap();
    assert_eq!(block_on(listener.accept()).unwrap().peer(), &NetAddr::UnixUnnamed);
    let error = block_on(listener.accept()).unwrap_err();
    let text = "cannot accept a connection on 10.0.0.9:80";
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::OutOfMemory, text));
}

#[test]
fn closing_a_stream_whose_connection_is_gone_succeeds() {
    let net = Net::new(Scripted::new([Ok(())]));
    let mut stream = block_on(net.connect(([10, 0, 0, 1], 80))).unwrap();
    block_on(stream.close()).unwrap();
}

#[test]
fn a_write_half_closes_its_direction_once() {
    for closes_first in [true, false] {
        let sockets = Scripted::new([Ok(())]);
        let closes = sockets.closes.clone();
        let (_reader, mut writer) = block_on(Net::new(sockets).connect(([10, 0, 0, 1], 80))).unwrap().split();
        if closes_first {
            block_on(writer.close()).unwrap();
        }
        drop(writer);
        assert_eq!(closes.load(Ordering::SeqCst), 1);
    }
}

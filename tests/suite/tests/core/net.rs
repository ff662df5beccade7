//! Sockets, and the processes that hold them. What a backend's sockets do is tested by otp-runtime-test.

use std::io::{self, ErrorKind, IoSlice};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use futures::future::{BoxFuture, join};
use futures::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, FutureExt};
use otp::runtime::net::{
    BoxListenSocket, BoxReader, BoxStreamSocket, BoxWriter, ListenOptions, Listener, Net, NetAddr, Sockets, Stream,
    StreamSocket,
};
use otp::runtime::{BoxTimer, Instant, Job, Runtime, Task};
use otp::{ExitReason, ProcessContext, System};

const ANY: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

async fn listening(system: &System) -> (Net, Listener, NetAddr) {
    let net = system.net().unwrap();
    let listener = net.listen(ANY).await.unwrap();
    let address = listener.local().unwrap();
    (net, listener, address)
}

async fn connected(system: &System) -> (Stream, Stream) {
    let (net, listener, address) = listening(system).await;
    let (client, server) = join(net.connect(address), listener.accept()).await;
    (client.unwrap(), server.unwrap())
}

/// Sends each client back what it has sent; one process for each, which ends with this one.
async fn serve(ctx: ProcessContext<()>, listener: Listener) -> Result<(), ExitReason> {
    loop {
        let stream = listener.accept().await?;
        ctx.spawn_link(async move |_: ProcessContext<()>| {
            let (reader, mut writer) = stream.split();
            futures::io::copy(reader, &mut writer).await?;
            Ok::<_, ExitReason>(())
        });
    }
}

#[otp::test]
async fn a_client_is_answered(system: System) {
    let net = system.net().unwrap();
    let listener = net.listen(([127, 0, 0, 1], 0)).await.unwrap();
    let address = listener.local().unwrap();
    let server = system.spawn(async move |ctx: ProcessContext<()>| serve(ctx, listener).await);

    let mut client = net.connect(&address).await.unwrap();
    client.write_all(b"hello").await.unwrap();
    client.close().await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert_eq!(answer, "hello");

    // The listener goes with the process that holds it.
    server.exit(ExitReason::Shutdown);
    server.exited().await;
    let refused = net.connect(&address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
}

#[otp::test]
async fn a_process_that_is_killed_closes_its_sockets(system: System) {
    let (mut client, server) = connected(&system).await;
    let holder = system.spawn(async move |_: ProcessContext<()>| {
        let _server = server;
        std::future::pending::<()>().await;
    });
    holder.exit(ExitReason::Kill);
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0, "the end of the stream");
    assert_eq!(holder.exited().await, ExitReason::Killed);
}

#[otp::test]
async fn halves_belong_to_two_processes_that_end_together(system: System) {
    let (mut client, server) = connected(&system).await;
    let (mut reader, mut writer) = server.split();
    let pair = system.spawn(async move |ctx: ProcessContext<()>| {
        let reads = ctx.spawn_link(async move |_: ProcessContext<()>| {
            let mut byte = [0];
            while reader.read(&mut byte).await? > 0 {
                if byte == *b"!" {
                    return Err(ExitReason::other("enough"));
                }
            }
            Ok(())
        });
        ctx.spawn_link(async move |_: ProcessContext<()>| {
            writer.write_all(b"welcome").await?;
            std::future::pending::<Result<(), ExitReason>>().await
        });
        reads.exited().await;
        std::future::pending::<()>().await;
    });
    let mut welcome = [0; 7];
    client.read_exact(&mut welcome).await.unwrap();
    assert_eq!(&welcome, b"welcome");
    client.write_all(b"!").await.unwrap();
    // Both halves are dropped: what is closed is the connection.
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(pair.exited().await, ExitReason::other("enough"));
}

#[otp::test]
async fn a_listener_that_is_shared_outlives_the_process_that_accepts(system: System) {
    let (net, listener, address) = listening(&system).await;
    let listener = Arc::new(listener);
    let accept = || {
        let listener = listener.clone();
        system.spawn(async move |_: ProcessContext<()>| {
            let mut stream = listener.accept().await.unwrap();
            stream.write_all(b"welcome").await.unwrap();
            let _ = stream.read(&mut [0]).await;
        })
    };
    let first = accept();
    first.exit(ExitReason::Kill);
    first.exited().await;
    // Nobody accepts, and the client waits in the backlog.
    let mut client = net.connect(&address).await.unwrap();
    let second = accept();
    let mut welcome = [0; 7];
    client.read_exact(&mut welcome).await.unwrap();
    drop(client);
    second.exited().await;
}

#[otp::test]
async fn a_read_that_is_timed_out_loses_nothing(system: System) {
    let (mut client, mut server) = connected(&system).await;
    for byte in 0..20 {
        let limit = Duration::from_micros(system.random() % 2_000);
        let mut read = [0];
        let (timed_out, written) = join(system.timeout(limit, server.read(&mut read)), client.write_all(&[byte])).await;
        written.unwrap();
        if timed_out.is_err() {
            server.read_exact(&mut read).await.unwrap();
        }
        assert_eq!(read, [byte]);
    }
}

#[otp::test]
async fn an_error_of_a_socket_is_an_exit_reason_that_names_the_address(system: System) {
    let (net, listener, address) = listening(&system).await;
    drop(listener);
    let dialled = address.clone();
    let dials = system.spawn(async move |_: ProcessContext<()>| {
        let _stream = net.connect(dialled).await?;
        Ok::<_, ExitReason>(())
    });
    let reason = dials.exited().await.to_string().to_lowercase();
    assert!(reason.starts_with(&format!("crash: cannot connect to {address}: ")), "{reason}");
    assert!(reason.contains("refused"), "{reason}");
}

/// A runtime whose backend has no sockets.
struct Deaf(Arc<dyn Runtime>);

impl Runtime for Deaf {
    fn name(&self) -> &'static str {
        "deaf"
    }

    fn spawn(&self, task: Task) {
        self.0.spawn(task);
    }

    fn spawn_blocking(&self, job: Job) {
        self.0.spawn_blocking(job);
    }

    fn timer(&self, deadline: Instant) -> BoxTimer {
        self.0.timer(deadline)
    }

    fn now(&self) -> Instant {
        self.0.now()
    }

    fn random(&self) -> u64 {
        self.0.random()
    }
}

#[otp::test]
async fn a_runtime_without_sockets_says_so(system: System) {
    let error = System::new(Deaf(system.runtime().clone())).net().unwrap_err();
    assert_eq!(error.runtime, "deaf");
    let text = "the runtime deaf has no sockets: enable the feature `net` of its backend, if it has one";
    assert_eq!(error.to_string(), text);
}

/// The sockets of a runtime, with a count of the bytes that are written.
#[derive(Clone)]
struct Counting {
    inner: Arc<dyn Sockets>,
    written: Arc<AtomicUsize>,
}

impl Sockets for Counting {
    fn connect(&self, to: NetAddr) -> BoxFuture<'static, io::Result<BoxStreamSocket>> {
        let written = self.written.clone();
        let counted = |inner| Box::new(Counted { inner, written }) as BoxStreamSocket;
        self.inner.connect(to).map(|socket| socket.map(counted)).boxed()
    }

    fn listen(&self, options: ListenOptions) -> BoxFuture<'static, io::Result<BoxListenSocket>> {
        self.inner.listen(options)
    }

    fn look_up(&self, host: String, port: u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> {
        self.inner.look_up(host, port)
    }
}

struct Counted<T> {
    inner: T,
    written: Arc<AtomicUsize>,
}

impl<T: Unpin> Counted<T> {
    fn count(&self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(Ok(written)) = written {
            self.written.fetch_add(written, Ordering::Relaxed);
        }
        written
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Counted<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut [u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_read(cx, buf)
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Counted<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write(cx, buf);
        self.count(written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.inner).poll_write_vectored(cx, bufs);
        self.count(written)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_close(cx)
    }
}

impl StreamSocket for Counted<BoxStreamSocket> {
    fn local(&self) -> io::Result<NetAddr> {
        self.inner.local()
    }

    fn nodelay(&self) -> io::Result<bool> {
        self.inner.nodelay()
    }

    fn set_nodelay(&self, on: bool) -> io::Result<()> {
        self.inner.set_nodelay(on)
    }

    fn split(self: Box<Self>) -> (BoxReader, BoxWriter) {
        let (reader, writer) = self.inner.split();
        (reader, Box::new(Counted { inner: writer, written: self.written }))
    }
}

#[otp::test]
async fn sockets_can_be_wrapped(system: System) {
    let (net, listener, address) = listening(&system).await;
    let counting = Counting { inner: net.sockets().clone(), written: Arc::default() };
    let mut client = Net::new(counting.clone()).connect(&address).await.unwrap();
    let mut server = listener.accept().await.unwrap();
    client.write_all(b"hello").await.unwrap();
    let (_reader, mut writer) = client.split();
    writer.write_all(b", world").await.unwrap();
    drop(writer);
    let mut read = String::new();
    server.read_to_string(&mut read).await.unwrap();
    assert_eq!((read.as_str(), counting.written.load(Ordering::Relaxed)), ("hello, world", 12));
    assert_eq!(counting.remove("/".as_ref()).unwrap_err().kind(), ErrorKind::Unsupported, "unless it is wrapped, too");
}

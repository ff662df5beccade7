//! Sockets, the same on every backend.
//!
//! A [`Net`] connects, listens and looks host names up. [`System::net`](crate::System::net) gives the one of the
//! system's backend, so that a program that talks to others names no executor, and runs on the simulator's network
//! without a change.
//!
//! ```
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! use futures::{AsyncReadExt, AsyncWriteExt};
//! use otp::ProcessContext;
//!
//! let net = system.net().unwrap();
//! let listener = net.listen(([127, 0, 0, 1], 0)).await.unwrap();
//! let address = listener.local().unwrap();
//!
//! // Sends back what it reads, until its client has nothing more to send.
//! let server = system.spawn(async move |_: ProcessContext<()>| {
//!     let (reader, mut writer) = listener.accept().await.unwrap().split();
//!     futures::io::copy(reader, &mut writer).await.unwrap();
//! });
//!
//! let mut client = net.connect(address).await.unwrap();
//! client.write_all(b"hello").await.unwrap();
//! client.close().await.unwrap();
//! let mut echo = String::new();
//! client.read_to_string(&mut echo).await.unwrap();
//! assert_eq!(echo, "hello");
//! server.exited().await;
//! # }).unwrap();
//! ```
//!
//! # Streams
//!
//! A [`Stream`] reads and writes bytes by the traits [`futures::AsyncRead`] and [`futures::AsyncWrite`], with all that
//! is built on them. [`split`](Stream::split) parts it into halves that two processes may own.
//!
//! * **Backpressure.** A write waits while the peer reads too slowly: what is under way is bounded.
//! * **Half-close.** Closing a stream (`close`, `poll_close`), or dropping its write half, ends what the peer reads,
//!   and nothing else: the other direction goes on.
//! * **Close.** A socket belongs to whoever holds it. It is closed when it is dropped, and so when the process that
//!   holds it ends, for whatever reason: the peer reads the end of the stream, or an error if it had sent what nobody
//!   has read. What had been written is still sent.
//! * **Errors** of reads and writes are [`std::io::Error`]s, as those traits ask; everything else has an error of its
//!   own that names the address.
//! * **Time limits** are the system's: `system.timeout(limit, net.connect(address))`.
//!
//! # Backends
//!
//! A backend implements [`Sockets`], [`StreamSocket`] and [`ListenSocket`], and returns the first from
//! [`Runtime::net`](super::Runtime::net). Those of otp-tokio and otp-smol do so with their feature `net`. The traits are
//! open also to whoever wraps the sockets of a backend, to encrypt or to count: [`Net::new`], [`Stream::new`].
//! The suite that every backend passes is `net_suite!` of the crate `otp-runtime-test`.

mod address;
mod error;
mod listen;
mod sockets;
mod stream;
#[cfg(test)]
mod tests;
#[cfg(unix)]
mod unix_file;
mod with;

pub use address::{NetAddr, ParseNetAddrError};
pub use error::{AcceptError, ConnectError, ListenError, LookUpError, NoNet};
pub use listen::{Listen, Listener};
pub use sockets::{
    BoxListenSocket, BoxReader, BoxStreamSocket, BoxWriter, ListenOptions, ListenSocket, Sockets, StreamSocket,
};
pub use stream::{ReadHalf, Stream, WriteHalf};
#[cfg(unix)]
pub use unix_file::UnixFile;
pub use with::Net;

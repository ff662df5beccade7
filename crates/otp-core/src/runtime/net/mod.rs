//! Sockets, with the same behaviour on every backend.
//!
//! A [`Net`] connects, listens and looks up host names. [`System::net`](crate::System::net) returns the one of the
//! system's backend. A program that uses it names no executor, and runs unchanged on the simulator's network.
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
//! A [`Stream`] implements the traits [`futures::AsyncRead`] and [`futures::AsyncWrite`], and works with everything
//! that uses them. [`split`](Stream::split) divides it into halves that two processes may own.
//!
//! * **Backpressure.** A write waits while the peer reads too slowly: the amount of data under way is bounded.
//! * **Half-close.** Closing a stream (`close`, `poll_close`), or dropping its write half, ends the stream that the
//!   peer reads; the other direction stays open.
//! * **Close.** A socket is closed when it is dropped, and therefore when the process that owns it ends, for whatever
//!   reason. The peer reads the end of the stream, or gets an error if it had sent data that was not read. Data that
//!   was written before is still sent.
//! * **Errors** of reads and writes are [`std::io::Error`]s, as those traits require; other operations have their own
//!   errors, which name the address.
//! * **Timeouts** use the system: `system.timeout(limit, net.connect(address))`.
//!
//! # Backends
//!
//! A backend implements [`Sockets`], [`StreamSocket`] and [`ListenSocket`], and returns the first from
//! [`Runtime::net`](super::Runtime::net). otp-tokio and otp-smol do so with their feature `net`. Other crates may
//! implement the traits, too, to wrap the sockets of a backend, for encryption or statistics: [`Net::new`],
//! [`Stream::new`]. The conformance suite is `net_suite!` of the crate `otp-runtime-test`.

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

//! A small, bounded HTTP/1 server as a supervised process, for pages of operation: health, metrics, an observer.
//!
//! * [`Http`] is the child of a supervisor: an address, and a handler, which is an async function from a [`Request`] to a
//!   [`Response`].
//! * [`Limits`] bound what clients can take: connections, headers, bodies, requests in a second, and their time.
//! * A response is complete, or a [stream](Response::stream), such as one of [server-sent events](Response::events).
//!
//! It is no web framework: there are no routes, no TLS and no HTTP/2. It listens on loopback, unless it is told
//! [otherwise](Http::beyond_loopback). It uses the sockets and the timers of the system, so that it runs on each executor,
//! and in the simulator.
//!
//! Each connection is a process, linked to the server. A handler runs in the process of its connection, and is dropped
//! when the client goes away. A panic in a handler is logged as a crash; the client gets the status 500, and the
//! connection goes on.
//!
//! ```
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! use futures::{AsyncReadExt, AsyncWriteExt};
//! use otp::http::{Http, Request, Response, StatusCode};
//! use otp::prelude::*;
//!
//! async fn answer(request: Request) -> Response {
//!     match request.path() {
//!         "/hello" => Response::text("hello, world"),
//!         _ => StatusCode::NOT_FOUND.into(),
//!     }
//! }
//!
//! // Port 0 is any free one.
//! let pages = Http::on("127.0.0.1:0", answer).supervised("pages");
//! let tree = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
//! let pages = tree.start_child(pages).await.unwrap().unwrap();
//!
//! let mut client = system.net().unwrap().connect(pages.address()).await.unwrap();
//! client.write_all(b"GET /hello HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
//! let mut response = String::new();
//! client.read_to_string(&mut response).await.unwrap();
//! assert!(response.starts_with("HTTP/1.1 200 OK\r\n"), "{response}");
//! assert!(response.ends_with("\r\n\r\nhello, world"), "{response}");
//! # }).unwrap();
//! ```

#![forbid(unsafe_code)]

mod answer;
mod body;
mod clock;
mod connection;
mod error;
mod handle;
mod limits;
mod rate;
mod request;
mod response;
mod run;
mod server;
mod sse;
mod wire;

pub use body::Body;
pub use error::StartHttpError;
pub use handle::HttpServer;
#[doc(no_inline)]
pub use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
pub use limits::Limits;
pub use request::Request;
pub use response::Response;
pub use server::Http;
pub use sse::ServerSentEvent;

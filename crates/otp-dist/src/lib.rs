//! A node among others: Erlang's distribution protocol, as OTP 25 and later speak it.
//!
//! A [`Node`] is a supervision tree in the program's system. While it runs, the system is a node of a cluster: of BEAM nodes,
//! of others of this library, or both.
//!
//! * [`Cluster`] connects, lists the nodes, and finds processes of other nodes: [`Remote`].
//! * A [`Remote`] is sent to, cast to and called, with any type of serde, by the conventions of [`otp::etf`](otp_etf).
//! * Links, monitors and exit signals work on its pid as on any other: a lost connection is
//!   [`NoConnection`](otp_core::ExitReason::NoConnection) for all of them at once, and `Down`, `Exit` and waiting calls are
//!   those that the program has anyway.
//! * A [`RemoteServer`] is a server here that other nodes call: `GenServer.call({:bank, :"shop@host"}, request)`.
//! * [`NodeEvent`] reports which nodes come and go, and [`Cluster::monitor_node`] that one is lost.
//! * [`proto`] is the protocol alone, without sockets.
//!
//! A node refuses what would run code here: requests to spawn, and so `rpc` and `erpc`. It listens on the loopback interface
//! only. The page `docs/distribution.md` has the rest: what is bounded, what differs from a BEAM, and what is missing.
//!
//! ```no_run
//! # otp::tokio::TokioExecutor::current_thread().run(async |system| {
//! use otp::dist::{Cluster, Cookie, Node};
//! use otp::supervisor::{Strategy, Supervisor};
//! use serde::Serialize;
//!
//! #[derive(Serialize)]
//! #[serde(rename_all = "snake_case")]
//! enum Request<'a> {
//!     Withdraw { account: &'a str, amount: u64 },
//! }
//!
//! let node = Node::named("shop@127.0.0.1").unwrap().cookie(Cookie::new("secret"));
//! Supervisor::new(Strategy::OneForOne).child(node).start(&system).await.unwrap();
//!
//! // As GenServer.call({:bank, :"bank@127.0.0.1"}, {:withdraw, %{account: "bo", amount: 30}})
//! let cluster = Cluster::of(&system).unwrap();
//! let bank = cluster.named("bank", "bank@127.0.0.1").unwrap();
//! let left: Result<u64, String> = bank.call(&Request::Withdraw { account: "bo", amount: 30 }).await.unwrap();
//! # }).unwrap();
//! ```

#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

mod conn;
mod epmd;
#[cfg(feature = "groups")]
mod groups;
mod node;
pub mod proto;
mod remote;
mod server;
#[cfg(test)]
mod unconnected;

#[cfg(feature = "tls")]
pub use conn::{Tls, TlsError};
pub use node::{
    Cluster, ConnectError, Node, NodeDown, NodeEvent, NodeInfo, NodeMonitor, NodeStartError, Nodes, NotANode,
    RemoteAlias, Traffic, reason_of_term, term_of_reason,
};
pub use proto::{Cookie, CookieError, InvalidNodeName, NodeName};
pub use remote::{Remote, RemoteCall, RemoteCallError, RemoteMultiCall, RemoteSendError};
pub use server::{Forward, Forwarded, Refused, RemoteServer, Reply, Request};

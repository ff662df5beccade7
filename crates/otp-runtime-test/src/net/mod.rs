//! Tests of sockets: connections, listeners, streams, host names.
//!
//! A backend with sockets runs these tests with [`net_suite!`](crate::net_suite), in addition to those of
//! [`suite!`](crate::suite).

mod addresses;
mod cancelling;
mod connecting;
mod halves;
mod list;
mod listening;
mod streams;
mod unix;

use futures::AsyncReadExt;
use futures::future::join;
use otp_core::System;
use otp_core::runtime::net::{Net, NetAddr, Stream};

pub use addresses::*;
pub use cancelling::*;
pub use connecting::*;
pub use halves::*;
pub use list::NET_TESTS;
pub use listening::*;
pub use streams::*;
pub use unix::*;

/// A free port of this machine.
const ANY: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

fn net(system: &System) -> Net {
    system.net().expect("the backend has sockets")
}

/// Makes a connection and returns both ends: that of the client and that of the server.
async fn connected(net: &Net) -> (Stream, Stream) {
    connected_at(net, ANY).await
}

async fn connected_at(net: &Net, address: impl Into<NetAddr>) -> (Stream, Stream) {
    let listener = net.listen(address).await.expect("a free address can be listened on");
    let address = listener.local().expect("a listener knows its address");
    let (client, server) = join(net.connect(address), listener.accept()).await;
    (client.expect("a client connects to a listener"), server.expect("a listener accepts a client"))
}

/// Reads to the end of a stream; an error counts as the end.
async fn rest(stream: &mut Stream) -> Vec<u8> {
    let (mut rest, mut buf) = (Vec::new(), [0; 16 << 10]);
    while let Ok(read @ 1..) = stream.read(&mut buf).await {
        rest.extend_from_slice(&buf[..read]);
    }
    rest
}

/// Bytes that are not the same again soon.
fn bytes(len: usize) -> Vec<u8> {
    (0..len as u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}

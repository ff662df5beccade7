//! The simulated network.

mod by_hand;
mod faults;
mod hosts;
mod programs;
mod reports;
mod streams;

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use futures::future::join;
use futures::{AsyncReadExt, AsyncWriteExt};
use otp_core::System;
use otp_core::runtime::net::{ConnectError, Stream};
use otp_sim::{Config, Faults, SimNet, check};

/// What the environment says of seeds is not for tests that count on theirs.
fn config() -> Config {
    Config::new().ignore_environment().seeds(100)
}

/// Runs a body on a hundred seeds and tells how often it counted something.
fn count<Fut: Future<Output = ()>>(faults: Faults, body: impl Fn(System, Arc<AtomicU32>) -> Fut) -> u32 {
    let counter = Arc::new(AtomicU32::new(0));
    check(config().faults(faults), |system| body(system, counter.clone()));
    counter.load(Ordering::Relaxed)
}

fn sim() -> SimNet {
    otp_sim::net().expect("this is a simulation")
}

/// A connection from a host to another one, or to itself: both ends.
async fn connected(client: &str, server: &str) -> (Stream, Stream) {
    let listener = sim().host(server).listen(([0, 0, 0, 0], 80)).await.unwrap();
    let (client, server) = join(dial(client, server), listener.accept()).await;
    (client.unwrap(), server.unwrap())
}

/// Connects a host to another one, at one of its addresses.
async fn dial(client: &str, server: &str) -> Result<Stream, ConnectError> {
    sim().host(client).connect((sim().address(server), 80)).await
}

/// Sends a byte to the other end and waits until it is read there.
async fn exchange(from: &mut Stream, to: &mut Stream) -> io::Result<()> {
    let mut byte = [0];
    let (written, read) = join(from.write_all(b"x"), to.read_exact(&mut byte)).await;
    written.and(read)
}

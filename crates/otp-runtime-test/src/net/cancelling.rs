//! Tests of cancel safety: futures that are dropped before they are ready.

use std::pin::pin;
use std::task::Poll;

use futures::{AsyncReadExt, AsyncWriteExt};

use super::{ANY, bytes, connected, net, rest};
use crate::Backend;
use crate::harness::inside;

/// An accept that is dropped loses no client.
pub fn dropped_accept_loses_no_client(backend: &dyn Backend) {
    inside(backend, async |system| {
        let net = net(&system);
        let listener = net.listen(ANY).await.unwrap();
        for number in 0..10 {
            let mut client = net.connect(listener.local().unwrap()).await.unwrap();
            client.write_all(&[number]).await.unwrap();
            let mut server = loop {
                // Hangs when a client is lost.
                if let Poll::Ready(accepted) = futures::poll!(pin!(listener.accept())) {
                    break accepted.unwrap();
                }
                otp_core::yield_now().await;
            };
            drop(client);
            assert_eq!(rest(&mut server).await, [number], "another client was accepted");
        }
    });
}

/// A read that is dropped loses no byte.
pub fn dropped_read_loses_no_byte(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (mut client, mut server) = connected(&net(&system)).await;
        let sent = bytes(1000);
        let (mut read, mut buffer) = (Vec::new(), [0; 64]);
        for part in sent.chunks(10) {
            let _ = futures::poll!(server.read(&mut [])).is_ready();
            client.write_all(part).await.unwrap();
            while let Poll::Ready(more) = futures::poll!(server.read(&mut buffer)) {
                read.extend_from_slice(&buffer[..more.unwrap()]);
            }
            otp_core::yield_now().await;
        }
        client.close().await.unwrap();
        read.extend(rest(&mut server).await);
        assert!(read == sent, "a read that was dropped has lost bytes");
    });
}

/// A connect that is dropped leaves no connection: if it is accepted, it reads as ended, and later clients still get
/// in.
pub fn dropped_connect_leaves_no_connection(backend: &dyn Backend) {
    inside(backend, async |system| {
        let net = net(&system);
        let listener = net.listen(ANY).await.unwrap();
        let address = listener.local().unwrap();
        for _ in 0..10 {
            // While it is in progress, or when it is done and was not polled again.
            assert!(!matches!(futures::poll!(pin!(net.connect(&address))), Poll::Ready(Err(_))));
        }
        let mut client = net.connect(&address).await.expect("a client connects to a listener");
        client.write_all(b"here").await.unwrap();
        client.close().await.unwrap();
        let mut found = Vec::new();
        while found.is_empty() {
            // Hangs when one is still connected.
            found = rest(&mut listener.accept().await.unwrap()).await;
        }
        assert_eq!(found, b"here");
    });
}

//! Tests of making connections.

use std::io::ErrorKind;
use std::thread;

use async_channel::bounded;
use futures::executor::block_on;
use futures::future::join_all;
use futures::{AsyncReadExt, AsyncWriteExt};
use otp_core::ProcessContext;

use super::{ANY, connected, net, rest};
use crate::harness::{drive, heard, inside, outside};
use crate::{Backend, OwnedBackend};

/// A client is refused if nothing listens.
pub fn client_is_refused_where_nobody_listens(backend: &dyn Backend) {
    inside(backend, async |system| {
        let net = net(&system);
        let address = net.listen(ANY).await.unwrap().local().unwrap();
        let error = net.connect(&address).await.expect_err("a client was connected to nobody");
        assert_eq!(
            error.kind(),
            ErrorKind::ConnectionRefused,
            "the error of a client that is refused has another kind"
        );
        assert_eq!(error.to_string(), format!("cannot connect to {address}"));
    });
}

/// A hundred clients at once are all let in, and none is mistaken for another.
pub fn hundred_clients_are_served_at_once(backend: &dyn Backend) {
    const CLIENTS: usize = 100;
    inside(backend, async |system| {
        let net = net(&system);
        let listener = net.listen(ANY).await.unwrap();
        let address = listener.local().unwrap();
        let server = system.spawn(async move |ctx: ProcessContext<()>| {
            for _ in 0..CLIENTS {
                let mut stream = listener.accept().await.expect("a listener accepts a client");
                ctx.spawn(async move |_: ProcessContext<()>| {
                    let mut number = [0];
                    stream.read_exact(&mut number).await.expect("a client sends a byte");
                    stream.write_all(&number).await.expect("a client takes a byte");
                });
            }
        });
        let clients = (0..CLIENTS).map(async |number| {
            let mut client = net.connect(&address).await.expect("a client connects to a listener");
            client.write_all(&[number as u8]).await.expect("a server takes a byte");
            assert_eq!(rest(&mut client).await, [number as u8], "a client was not answered, or another one was");
        });
        join_all(clients).await;
        server.exited().await;
    });
}

/// Sockets can be made and used on a thread that does not belong to the executor.
pub fn sockets_work_on_a_foreign_thread(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (send, receive) = bounded(1);
        let thread = thread::spawn(move || {
            block_on(async {
                let (mut client, mut server) = connected(&net(&system)).await;
                client.write_all(b"far").await.unwrap();
                client.close().await.unwrap();
                let _ = send.try_send(rest(&mut server).await);
            });
        });
        let read = heard(&receive, "sockets panicked on a foreign thread").await;
        assert_eq!(read, b"far", "other bytes arrived on a foreign thread");
        thread.join().expect("it has sent what it read");
    });
}

/// Writing to a peer that is gone fails, sooner or later.
pub fn writing_to_a_peer_that_is_gone_fails(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (mut client, server) = connected(&net(&system)).await;
        drop(server);
        loop {
            if let Err(error) = client.write(&[7; 1024]).await {
                let kinds = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted];
                assert!(kinds.contains(&error.kind()), "a peer that is gone shows as {:?}", error.kind());
                return;
            }
            otp_core::yield_now().await;
        }
    });
}

/// Sockets that outlive their executor do not panic. They fail, or wait.
pub fn sockets_may_outlive_their_executor(backend: &dyn OwnedBackend) {
    outside(backend, |executor| {
        let runtime = executor.runtime();
        let (send, receive) = bounded(1);
        drive(&*executor, async {
            let net = otp_core::runtime::net::Net::on(runtime.net().expect("the backend has sockets"));
            let listener = net.listen(ANY).await.unwrap();
            let (stream, peer) = connected(&net).await;
            let _ = send.try_send((net, listener, stream, peer));
        });
        drop(executor);
        let (net, listener, mut stream, peer) = block_on(receive.recv()).expect("it was sent");
        let address = listener.local().unwrap();
        // Once each: they may wait for ever.
        let polls = async {
            let mut byte = [0];
            let _ = futures::poll!(stream.read(&mut byte));
            let _ = futures::poll!(stream.write(&byte));
            let _ = futures::poll!(stream.close());
            let _ = futures::poll!(std::pin::pin!(listener.accept()));
            let _ = futures::poll!(std::pin::pin!(net.connect(&address)));
            let _ = futures::poll!(net.listen(ANY).into_future());
            let _ = futures::poll!(std::pin::pin!(net.look_up("localhost", 80)));
        };
        block_on(polls);
        drop((stream, peer, listener));
    });
}

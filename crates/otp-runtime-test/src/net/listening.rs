//! Tests of listeners.

use std::io::ErrorKind;

use async_channel::bounded;
use futures::{AsyncReadExt, AsyncWriteExt};
use otp_core::ProcessContext;
use std::sync::Arc;

use super::{ANY, net};
use crate::Backend;
use crate::harness::{heard, inside};

/// The address of a listener is in use.
pub fn address_of_a_listener_is_in_use(backend: &dyn Backend) {
    inside(backend, async |system| {
        let net = net(&system);
        let listener = net.listen(ANY).await.unwrap();
        let address = listener.local().unwrap();
        let error = net.listen(&address).await.expect_err("two listeners have the same address");
        assert_eq!(error.kind(), ErrorKind::AddrInUse, "the error of an address in use has another kind");
        assert_eq!(error.to_string(), format!("cannot listen on {address}"));
    });
}

/// When a listener is dropped its address is free again at once, even if clients of it are or were connected.
pub fn address_is_free_when_its_listener_is_dropped(backend: &dyn Backend) {
    inside(backend, async |system| {
        let net = net(&system);
        let listener = net.listen(ANY).await.unwrap();
        let address = listener.local().unwrap();
        let _client = net.connect(&address).await.unwrap();
        let _server = listener.accept().await.unwrap();
        // The end that closes first is the one that the operating system remembers.
        let brief = net.connect(&address).await.unwrap();
        drop(listener.accept().await.unwrap());
        drop(brief);
        drop(listener);
        if let Err(error) = net.listen(&address).await {
            panic!("the address of a listener that was dropped is not free: {}", error.source);
        }
    });
}

/// Clients that wait to be accepted when the listener is dropped are disconnected.
pub fn clients_that_wait_are_disconnected_with_the_listener(backend: &dyn Backend) {
    inside(backend, async |system| {
        let net = net(&system);
        let listener = net.listen(ANY).await.unwrap();
        let mut client = net.connect(listener.local().unwrap()).await.unwrap();
        drop(listener);
        // Hangs if it is not disconnected; the outcome is an end, or an error.
        let read = client.read(&mut [0]).await;
        assert!(!matches!(read, Ok(1)), "somebody has sent a byte");
    });
}

/// Several tasks may wait at one listener: two clients that come find both of them.
pub fn several_tasks_may_wait_for_clients(backend: &dyn Backend) {
    inside(backend, async |system| {
        let net = net(&system);
        let listener = Arc::new(net.listen(ANY).await.unwrap());
        let (send, receive) = bounded(2);
        let waiting: Vec<_> = (0..2)
            .map(|_| {
                let (listener, send) = (listener.clone(), send.clone());
                system.spawn(async move |_: ProcessContext<()>| {
                    let mut stream = listener.accept().await.expect("a listener accepts a client");
                    let _ = send.send(()).await;
                    // Does not come back for the next client.
                    let _ = stream.read(&mut [0]).await;
                })
            })
            .collect();
        // Both wait before a client comes.
        while waiting.iter().any(|process| system.info(process.pid()).is_none_or(|info| !is_waiting(&info))) {
            otp_core::yield_now().await;
        }
        let address = listener.local().unwrap();
        let mut clients = Vec::new();
        for _ in 0..2 {
            clients.push(net.connect(&address).await.unwrap());
            heard(&receive, "a process that accepts has panicked").await;
        }
        for client in &mut clients {
            client.close().await.unwrap();
        }
        for process in waiting {
            process.exited().await;
        }
    });
}

fn is_waiting(info: &otp_core::ProcessInfo) -> bool {
    info.status == otp_core::Status::Waiting
}

//! Tests of Unix sockets, where the platform has them.

use std::io::ErrorKind;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, process};

use futures::AsyncWriteExt;
use otp_core::runtime::net::NetAddr;

use super::{connected_at, net, rest};
use crate::Backend;
use crate::harness::inside;

/// A Unix socket carries bytes both ways, and knows the path of its listener.
pub fn unix_socket_carries_bytes(backend: &dyn Backend) {
    on_unix(backend, async |system, path| {
        let (mut client, mut server) = connected_at(&net(&system), path.clone()).await;
        assert_eq!(client.peer(), &NetAddr::Unix(path.clone()));
        assert_eq!(server.peer(), &NetAddr::UnixUnnamed);
        assert_eq!(server.local().unwrap(), NetAddr::Unix(path));
        client.set_nodelay(true).expect("a Unix socket ignores it");
        client.write_all(b"request").await.unwrap();
        client.close().await.unwrap();
        assert_eq!(rest(&mut server).await, b"request", "other bytes arrived at a Unix socket");
        let (_reader, mut writer) = server.split();
        writer.write_all(b"answer").await.unwrap();
        drop(writer);
        assert_eq!(rest(&mut client).await, b"answer", "other bytes arrived at a Unix socket");
    });
}

/// The file of a Unix socket is removed with its listener, so that the path can be listened on again.
pub fn unix_listener_removes_its_file(backend: &dyn Backend) {
    on_unix(backend, async |system, path| {
        let net = net(&system);
        for _ in 0..2 {
            let listener = net.listen(path.clone()).await.unwrap_or_else(|error| {
                panic!("the path of a listener that was dropped is not free: {}", error.source)
            });
            let error = net.listen(path.clone()).await.expect_err("two listeners have the same path");
            assert_eq!(error.kind(), ErrorKind::AddrInUse);
            drop(listener);
            let error = net.connect(path.clone()).await.expect_err("a client was connected to nobody");
            assert_eq!(error.kind(), ErrorKind::NotFound, "the file of a Unix listener is left behind");
        }
    });
}

/// The file of a listener that another listener has replaced stays.
pub fn unix_listener_leaves_the_file_of_another(backend: &dyn Backend) {
    on_unix(backend, async |system, path| {
        let net = net(&system);
        let first = net.listen(path.clone()).await.unwrap();
        fs::remove_file(&path).expect("a Unix listener has a file");
        let _second = net.listen(path.clone()).await.unwrap();
        drop(first);
        let _client = net.connect(path).await.expect("a listener has removed the file of another");
    });
}

/// A stale file is in the way, unless it is to be replaced; the file of a live listener, or a file that is not a
/// socket, stays in any case.
pub fn unix_file_that_is_left_behind_is_replaced_if_asked(backend: &dyn Backend) {
    on_unix(backend, async |system, path| {
        let net = net(&system);
        #[cfg(unix)]
        #[allow(clippy::disallowed_types, reason = "a socket of a program that was killed")]
        drop(std::os::unix::net::UnixListener::bind(&path).expect("the path is free"));
        let error = net.listen(path.clone()).await.expect_err("a file was replaced that nobody asked for");
        assert_eq!(error.kind(), ErrorKind::AddrInUse, "the error of an address in use has another kind");
        let listener = net.listen(path.clone()).replace_stale().await.expect("a file that is left behind is replaced");
        let error = net.listen(path.clone()).replace_stale().await.expect_err("a listener was replaced");
        assert_eq!(error.kind(), ErrorKind::AddrInUse, "the error of an address in use has another kind");
        drop(listener);
        fs::write(&path, "precious").unwrap();
        net.listen(path.clone()).replace_stale().await.expect_err("a file was replaced that is no socket");
        assert_eq!(fs::read_to_string(&path).expect("the file is there"), "precious");
        net.sockets().remove(&path).expect_err("a file was removed that is no socket");
    });
}

/// The backlog bounds how many clients wait to be accepted; Linux refuses one too many at once.
pub fn backlog_bounds_the_clients_that_wait(backend: &dyn Backend) {
    on_unix(backend, async |system, path| {
        if !cfg!(target_os = "linux") {
            return;
        }
        let net = net(&system);
        let listener = net.listen(path.clone()).backlog(3).await.unwrap();
        let mut clients = Vec::new();
        let refused = loop {
            match net.connect(path.clone()).await {
                Ok(client) => clients.push(client),
                Err(error) => break error,
            }
            assert!(clients.len() < 10, "a backlog of 3 let 10 clients wait");
        };
        assert_eq!(refused.kind(), ErrorKind::WouldBlock);
        // Linux lets one more wait than it is told.
        assert!((3..=4).contains(&clients.len()), "a backlog of 3 let {} clients wait", clients.len());
        let _accepted = listener.accept().await.unwrap();
        clients.push(net.connect(path).await.expect("there is room again"));
    });
}

/// Runs a test with a path for a Unix socket, where the platform has them.
fn on_unix<F, Fut>(backend: &dyn Backend, test: F)
where
    F: FnOnce(otp_core::System, PathBuf) -> Fut + Send + 'static,
    Fut: Future<Output = ()>,
{
    static NEXT: AtomicU32 = AtomicU32::new(0);
    if !cfg!(unix) {
        return;
    }
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let path = env::temp_dir().join(format!("otp-{}-{number}.sock", process::id()));
    let cleaned = path.clone();
    inside(backend, move |system| test(system, path));
    // A test that succeeded may leave a file.
    let _ = fs::remove_file(cleaned);
}

//! Tests of addresses and host names.

use std::io::ErrorKind;
use std::net::{IpAddr, Ipv6Addr};

use futures::{AsyncReadExt, AsyncWriteExt};
use otp_core::runtime::net::NetAddr;

use super::{ANY, connected, net};
use crate::Backend;
use crate::harness::inside;

/// A listener on port 0 chooses a port, and reports it.
pub fn listener_tells_the_port_that_was_chosen(backend: &dyn Backend) {
    inside(backend, async |system| {
        let net = net(&system);
        let listener = net.listen(ANY).await.expect("a free port can be listened on");
        let other = net.listen(ANY).await.expect("a free port can be listened on");
        let (local, other) = (listener.local().unwrap(), other.local().unwrap());
        assert_ne!(local.port(), Some(0), "the port of a listener is 0");
        assert_ne!(local, other, "two listeners have the same address");
        assert_eq!(local.tcp().map(|address| address.ip()), Some(IpAddr::from(ANY.0)), "it listens elsewhere");
    });
}

/// Each end of a connection knows its own address and that of the other end.
pub fn ends_of_a_connection_know_each_other(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (client, server) = connected(&net(&system)).await;
        assert_eq!(&client.local().unwrap(), server.peer(), "the peer of the server is not the client");
        assert_eq!(&server.local().unwrap(), client.peer(), "the peer of the client is not the server");
        assert_ne!(client.local().unwrap(), server.local().unwrap(), "both ends have the same address");
    });
}

/// IPv6 works like IPv4, where the machine supports it.
pub fn connection_by_ipv6_carries_bytes(backend: &dyn Backend) {
    inside(backend, async |system| {
        let net = net(&system);
        let listener = match net.listen((Ipv6Addr::LOCALHOST, 0)).await {
            Ok(listener) => listener,
            Err(error) if matches!(error.kind(), ErrorKind::AddrNotAvailable | ErrorKind::Unsupported) => return,
            Err(error) => panic!("IPv6 fails otherwise than where the machine has none: {:?}", error.source),
        };
        let address = listener.local().unwrap();
        let is_loopback = address.tcp().is_some_and(|address| address.ip() == Ipv6Addr::LOCALHOST);
        assert!(is_loopback, "who asks for [::1] gets another address");
        let mut client = net.connect(address).await.expect("a client connects to a listener");
        client.write_all(b"six").await.unwrap();
        client.close().await.unwrap();
        let mut read = String::new();
        listener.accept().await.unwrap().read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "six");
    });
}

/// Connecting to, or listening on, an unsupported kind of address fails with an error that says so.
pub fn address_that_nobody_can_have_is_unsupported(backend: &dyn Backend) {
    inside(backend, async |system| {
        let net = net(&system);
        let error = net.connect(NetAddr::UnixUnnamed).await.expect_err("a client was connected to nobody");
        assert_eq!(error.kind(), ErrorKind::Unsupported, "the error of an unsupported address has another kind");
        let error = net.listen(NetAddr::UnixUnnamed).await.expect_err("a listener was made that nobody can find");
        assert_eq!(error.kind(), ErrorKind::Unsupported, "the error of an unsupported address has another kind");
    });
}

/// A host is looked up, by name or by address, and each address has the given port.
pub fn host_is_looked_up(backend: &dyn Backend) {
    inside(backend, async |system| {
        let net = net(&system);
        for host in ["localhost", "127.0.0.1", "::1"] {
            let found = net.look_up(host, 6379).await.expect("the host is known");
            assert!(found.iter().all(|address| address.ip().is_loopback()), "{host} is elsewhere");
            assert!(found.iter().all(|address| address.port() == 6379), "the port of a look-up is another");
        }
    });
}

/// A host that cannot be found is an error, which names the host.
pub fn unknown_host_is_an_error(backend: &dyn Backend) {
    inside(backend, async |system| {
        // No name server has to be asked in order to know.
        for host in ["", "a\0b"] {
            let error = net(&system).look_up(host, 80).await.expect_err("a host was found that cannot be");
            assert_eq!(error.host, host);
            assert_eq!(error.to_string(), format!("cannot look up the host {host:?}"));
        }
    });
}

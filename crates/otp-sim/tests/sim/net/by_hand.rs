//! What a test does to the network.

use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use futures::future::join;
use futures::{AsyncReadExt, AsyncWriteExt};
use otp_sim::check;

use super::{config, connected, dial, exchange, sim};

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

#[test]
fn nothing_gets_through_a_partition_and_nothing_is_lost() {
    check(config(), async |system| {
        let (mut client, mut server) = connected("a", "b").await;
        let (mut other, mut elsewhere) = connected("a", "c").await;
        // Under way when the link is cut.
        client.write_all(b"before ").await.unwrap();
        sim().partition("b", "a");
        client.write_all(b"during ").await.unwrap();
        server.write_all(b"answer").await.unwrap();
        assert!(system.timeout(SECOND, server.read(&mut [0])).await.is_err(), "nothing arrives");
        assert!(system.timeout(SECOND, client.read(&mut [0])).await.is_err(), "nothing arrives");
        exchange(&mut other, &mut elsewhere).await.expect("it is not between these two");
        sim().heal("a", "b");
        client.write_all(b"after").await.unwrap();
        client.close().await.unwrap();
        let mut read = String::new();
        server.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "before during after");
        let mut answer = [0; 6];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(&answer, b"answer");
    });
}

#[test]
fn a_partition_that_does_not_heal_is_given_up_by_who_sends_and_not_by_who_reads() {
    check(config().seeds(20), async |system| {
        let (mut client, mut server) = connected("a", "b").await;
        sim().partition("a", "b");
        let start = system.now();
        client.write_all(b"lost").await.unwrap();
        assert_eq!(client.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert!((924 * SECOND..925 * SECOND).contains(&(system.now() - start)));
        assert_eq!(client.write(&[0]).await.unwrap_err().kind(), ErrorKind::TimedOut);
        assert!(system.timeout(HOUR, server.read(&mut [0])).await.is_err(), "nobody tells it");

        sim().heal("a", "b");
        // The one that writes hears that the other one has given up.
        server.write_all(b"hello?").await.unwrap();
        assert_eq!(server.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn a_client_does_not_connect_through_a_partition() {
    check(config().seeds(20), async |system| {
        let listener = sim().host("b").listen(([0, 0, 0, 0], 80)).await.unwrap();
        for (from, to) in [("a", "b"), ("b", "a")] {
            sim().partition_one_way(from, to);
            let start = system.now();
            let error = dial("a", "b").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            assert!((127 * SECOND..128 * SECOND).contains(&(system.now() - start)), "{:?}", system.now() - start);
            sim().heal("a", "b");
        }
        sim().partition("a", "b");
        let heal = async {
            system.sleep(SECOND).await;
            sim().heal_all();
        };
        let (stream, ()) = join(dial("a", "b"), heal).await;
        assert!(stream.is_ok(), "it was tried again");
        drop(listener);
    });
}

#[test]
fn a_partition_of_one_way_lets_the_other_way_through_which_does_not_hear_of_it() {
    check(config().seeds(20).socket_buffer(10), async |system| {
        let (mut client, mut server) = connected("a", "b").await;
        sim().partition_one_way("b", "a");
        client.write_all(b"0123456789").await.unwrap();
        let mut read = [0; 10];
        server.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"0123456789");
        let more = system.timeout(HOUR, client.write(b"more")).await.expect("it gives up");
        assert_eq!(more.unwrap_err().kind(), ErrorKind::TimedOut, "nobody says that there is room again");

        let (mut client, mut server) = connected("a", "c").await;
        sim().partition_one_way("c", "a");
        client.write_all(b"0123456789").await.unwrap();
        server.read_exact(&mut read).await.unwrap();
        sim().heal("a", "c");
        client.write_all(b"more").await.expect("it has heard that there is room again");
        exchange(&mut server, &mut client).await.unwrap();
    });
}

#[test]
fn a_reset_fails_both_ends_at_once() {
    check(config(), async |_| {
        let (mut client, mut server) = connected("a", "b").await;
        let (mut other, mut elsewhere) = connected("a", "c").await;
        client.write_all(b"lost").await.unwrap();
        assert_eq!(sim().reset("b", "a"), 1);
        for end in [&mut client, &mut server] {
            assert_eq!(end.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
            assert_eq!(end.write(&[0]).await.unwrap_err().kind(), ErrorKind::BrokenPipe);
            end.close().await.expect("it is closed");
        }
        assert_eq!(sim().reset("a", "b"), 0, "there is none any more");
        exchange(&mut other, &mut elsewhere).await.unwrap();
        assert_eq!(sim().reset("a", "a"), 0);
    });
}

#[test]
fn a_half_open_connection_is_found_out_by_writing() {
    check(config(), async |system| {
        let (mut client, mut server) = connected("a", "b").await;
        assert_eq!(sim().half_open("b", "a"), 1);
        assert_eq!(server.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert!(system.timeout(HOUR, client.read(&mut [0])).await.is_err(), "nobody tells it");
        client.write_all(b"hello?").await.unwrap();
        assert_eq!(client.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);

        // What tells it may be lost, too.
        let (mut client, server) = connected("a", "b").await;
        sim().half_open("b", "a");
        sim().partition_one_way("b", "a");
        client.write_all(b"hello?").await.unwrap();
        assert_eq!(client.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::TimedOut);
        drop(server);
    });
}

#[test]
fn a_slow_link_takes_longer() {
    check(config(), async |system| {
        let (mut client, mut server) = connected("a", "b").await;
        sim().slow("a", "b", SECOND);
        let start = system.now();
        exchange(&mut client, &mut server).await.unwrap();
        exchange(&mut server, &mut client).await.unwrap();
        let took = system.now() - start;
        assert!((2 * SECOND..3 * SECOND).contains(&took), "{took:?}");
        sim().slow("b", "a", Duration::ZERO);
        let start = system.now();
        exchange(&mut client, &mut server).await.unwrap();
        assert!(system.now() - start < Duration::from_millis(2));
    });
}

#[test]
fn a_host_that_crashes_has_forgotten_its_connections_and_listeners() {
    check(config(), async |system| {
        let (mut client, mut server) = connected("a", "b").await;
        let b = sim().host("b");
        let listener = b.listen(([0, 0, 0, 0], 80)).await.unwrap();
        let path = Path::new("/run/app.sock");
        let on_path = b.listen(path).await.unwrap();
        let mut waiting = dial("a", "b").await.unwrap();
        sim().crash("b");
        assert_eq!(server.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
        let error = listener.accept().await.unwrap_err();
        assert_eq!(error.to_string(), "cannot accept a connection on 0.0.0.0:80");
        for end in [&mut client, &mut waiting] {
            assert!(system.timeout(HOUR, end.read(&mut [0])).await.is_err(), "nobody tells it");
            end.write_all(b"hello?").await.unwrap();
            assert_eq!(end.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
        }
        // It is up again, and nobody listens there; but the file of the socket is left.
        let refused = dial("a", "b").await.unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(b.connect(path).await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        assert_eq!(b.listen(path).await.unwrap_err().kind(), ErrorKind::AddrInUse);
        let again = b.listen(path).replace_stale().await.expect("nobody listens there any more");
        assert_eq!(b.listen(path).replace_stale().await.unwrap_err().kind(), ErrorKind::AddrInUse);
        drop(on_path);
        let _client = b.connect(path).await.expect("the file of the one that crashed is not that of the new one");
        drop(again);
        let _again = b.listen(([0, 0, 0, 0], 80)).await.expect("the port is free");
    });
}

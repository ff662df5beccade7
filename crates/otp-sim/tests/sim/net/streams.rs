//! Latency, order, pieces, bounds: what the seed decides of a stream.

use std::io::ErrorKind;
use std::sync::Mutex;
use std::task::Poll;
use std::time::Duration;

use futures::future::join_all;
use futures::{AsyncReadExt, AsyncWriteExt, StreamExt, poll};
use otp_core::ProcessContext;
use otp_sim::{Config, check};

use super::{config, connected, dial, exchange, sim};

const MILLI: Duration = Duration::from_millis(1);

#[test]
fn what_is_sent_takes_as_long_as_the_configuration_says_and_the_seed_decides() {
    let took = Mutex::new(Vec::new());
    check(config().latency(10 * MILLI, 20 * MILLI), async |system| {
        let (mut client, mut server) = connected("a", "b").await;
        let start = system.now();
        exchange(&mut client, &mut server).await.unwrap();
        took.lock().unwrap().push(system.now() - start);
    });
    let took = took.into_inner().unwrap();
    let (least, most) = (took.iter().min().unwrap(), took.iter().max().unwrap());
    // A step takes a microsecond.
    assert!(*least >= 10 * MILLI && *most <= 21 * MILLI, "{least:?} {most:?}");
    assert!(*least < 12 * MILLI && *most > 18 * MILLI, "from one end to the other: {least:?} {most:?}");
}

#[test]
fn what_stays_on_a_host_takes_no_longer_than_the_shortest_way() {
    check(config().latency(10 * MILLI, 20 * MILLI), async |system| {
        let (mut client, mut server) = connected("a", "a").await;
        let start = system.now();
        exchange(&mut client, &mut server).await.unwrap();
        assert!(system.now() - start <= 11 * MILLI);
    });
}

#[test]
fn connecting_takes_a_way_there_and_back() {
    check(config().latency(10 * MILLI, 20 * MILLI), async |system| {
        let _listener = sim().host("b").listen(([0, 0, 0, 0], 80)).await.unwrap();
        let start = system.now();
        let _stream = dial("a", "b").await.unwrap();
        assert!((20 * MILLI..41 * MILLI).contains(&(system.now() - start)));
    });
}

#[test]
fn one_connection_keeps_its_order_and_two_overtake_each_other() {
    let overtaken = Mutex::new(0);
    check(config(), async |system| {
        let ends = [connected("a", "b").await, connected("a", "b").await];
        let [(mut first, reads_first), (mut second, reads_second)] = ends;
        let (send, receive) = futures::channel::mpsc::unbounded();
        for (name, mut stream) in [("first", reads_first), ("second", reads_second)] {
            let send = send.clone();
            system.spawn(async move |_: ProcessContext<()>| {
                let mut bytes = [0; 1];
                let mut read = Vec::new();
                while stream.read(&mut bytes).await.unwrap() > 0 {
                    read.push(bytes[0]);
                    send.unbounded_send(name).unwrap();
                }
                assert!(read.iter().copied().eq(0..10), "{read:?}");
            });
        }
        drop(send);
        for number in 0..10 {
            first.write_all(&[number]).await.unwrap();
            second.write_all(&[number]).await.unwrap();
        }
        drop((first, second));
        let arrived: Vec<_> = receive.collect().await;
        assert_eq!(arrived.len(), 20);
        if arrived[0] == "second" {
            *overtaken.lock().unwrap() += 1;
        }
    });
    let overtaken = overtaken.into_inner().unwrap();
    assert!((20..80).contains(&overtaken), "the second in about half of the runs: {overtaken}");
}

#[test]
fn reads_and_writes_take_a_part_now_and_then() {
    let (reads, writes) = (Mutex::new(0), Mutex::new(0));
    check(config(), async |_| {
        let (mut client, mut server) = connected("a", "b").await;
        let written = client.write(&[7; 100]).await.unwrap();
        *writes.lock().unwrap() += u32::from(written < 100);
        client.close().await.unwrap();
        let first = server.read(&mut [0; 100]).await.unwrap();
        *reads.lock().unwrap() += u32::from(first < written);
        let mut rest = Vec::new();
        server.read_to_end(&mut rest).await.unwrap();
        assert_eq!(first + rest.len(), written);
    });
    let (reads, writes) = (reads.into_inner().unwrap(), writes.into_inner().unwrap());
    // A quarter of the writes, and a quarter of the reads beside what arrives in two pieces.
    assert!((10..45).contains(&writes) && (20..70).contains(&reads), "{writes} writes, {reads} reads");
}

#[test]
fn a_write_waits_when_so_many_bytes_were_not_read() {
    check(config().socket_buffer(1000), async |_| {
        let (mut client, mut server) = connected("a", "b").await;
        let mut written = 0;
        while let Poll::Ready(more) = poll!(client.write(&[7; 300])) {
            written += more.unwrap();
        }
        assert_eq!(written, 1000);
        let read = server.read(&mut [0; 10]).await.unwrap();
        let Poll::Ready(Ok(more)) = poll!(client.write(&[7; 300])) else { panic!("there is room again") };
        assert!(more <= read, "as much as was read");
    });
}

#[test]
fn a_client_waits_for_room_in_the_backlog_and_gives_up_in_the_end() {
    check(config().seeds(20), async |system| {
        let listener = sim().host("b").listen(([0, 0, 0, 0], 80)).backlog(2).await.unwrap();
        let first = dial("a", "b").await.unwrap();
        let second = dial("a", "b").await.unwrap();
        // Without anybody who accepts, for as long as on Linux.
        let start = system.now();
        let error = dial("a", "b").await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut);
        assert!((Duration::from_secs(127)..Duration::from_secs(128)).contains(&(system.now() - start)));
        // With somebody who does, it comes in.
        let (third, accepted) = futures::future::join(dial("a", "b"), listener.accept()).await;
        assert_eq!(accepted.unwrap().peer(), &first.local().unwrap(), "in the order in which they came");
        assert_eq!(listener.accept().await.unwrap().peer(), &second.local().unwrap());
        assert_eq!(listener.accept().await.unwrap().peer(), &third.unwrap().local().unwrap());
    });
}

#[test]
fn a_connect_that_is_given_up_on_its_way_is_reset() {
    check(config(), async |system| {
        let listener = sim().host("b").listen(([0, 0, 0, 0], 80)).await.unwrap();
        // The way there takes longer.
        let given_up = system.timeout(Duration::from_micros(40), dial("a", "b")).await;
        assert!(given_up.is_err());
        let mut server = listener.accept().await.unwrap();
        assert_eq!(server.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn a_stream_that_is_dropped_with_bytes_that_nobody_has_read_is_reset() {
    check(config(), async |system| {
        let (mut client, mut server) = connected("a", "b").await;
        client.write_all(b"unread").await.unwrap();
        system.sleep(10 * MILLI).await;
        drop(server);
        assert_eq!(client.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
        assert_eq!(client.write(&[0]).await.unwrap_err().kind(), ErrorKind::BrokenPipe);

        // Where all was read it is an end, and what is written afterwards finds nobody.
        (client, server) = connected("a", "b").await;
        exchange(&mut client, &mut server).await.unwrap();
        drop(server);
        assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
        client.write_all(b"late").await.unwrap();
        assert_eq!(wait_for_an_error(&mut client).await, ErrorKind::BrokenPipe);
    });
}

async fn wait_for_an_error(stream: &mut otp_core::runtime::net::Stream) -> ErrorKind {
    loop {
        match stream.write(&[0]).await {
            Ok(_) => otp_core::yield_now().await,
            Err(error) => return error.kind(),
        }
    }
}

#[test]
fn two_tasks_that_wait_at_one_listener_both_get_a_client_in_an_order_of_the_seed() {
    let first = Mutex::new([0; 2]);
    check(config(), async |system| {
        let listener = std::sync::Arc::new(sim().host("b").listen(([0, 0, 0, 0], 80)).await.unwrap());
        let (send, mut receive) = futures::channel::mpsc::unbounded();
        for number in 0..2_usize {
            let (listener, send) = (listener.clone(), send.clone());
            system.spawn(async move |_: ProcessContext<()>| {
                let _stream = listener.accept().await.unwrap();
                send.unbounded_send(number).unwrap();
                std::future::pending::<()>().await;
            });
        }
        otp_core::yield_now().await;
        let clients = join_all((0..2).map(|_| dial("a", "b"))).await;
        assert!(clients.iter().all(Result::is_ok));
        let order = [receive.next().await.unwrap(), receive.next().await.unwrap()];
        assert!(order == [0, 1] || order == [1, 0], "each of them one: {order:?}");
        first.lock().unwrap()[order[0]] += 1;
    });
    let first = first.into_inner().unwrap();
    assert!(first.iter().all(|times| *times > 20), "{first:?}");
}

#[test]
fn the_defaults_are_as_documented() {
    let by_hand = Config::new().latency(Duration::from_micros(50), MILLI).socket_buffer(64 << 10);
    let of = |config: Config| {
        otp_sim::try_check(config.ignore_environment(), async |_| {
            let (mut client, mut server) = connected("a", "b").await;
            exchange(&mut client, &mut server).await.unwrap();
        })
    };
    assert_eq!(of(Config::new()).unwrap(), of(by_hand.clone()).unwrap());
    assert_ne!(of(by_hand.clone().latency(MILLI, MILLI)).unwrap(), of(by_hand).unwrap());
}

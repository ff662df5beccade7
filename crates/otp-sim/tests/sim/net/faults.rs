//! What the seed does to the network: each kind of fault happens, does what it says, and can be kept from a part of a
//! run.

use std::io::ErrorKind;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use otp_sim::{Faults, check, set_faults, try_check};

use super::{config, connected, count, dial, exchange, sim};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_client_is_refused_though_somebody_listens() {
    let refused = count(Faults::none().refuse_connect(3), async |_, refused| {
        let b = sim().host("b");
        let _listener = b.listen(([0, 0, 0, 0], 80)).await.unwrap();
        if let Err(error) = dial("a", "b").await {
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
            refused.fetch_add(1, Ordering::Relaxed);
        }
    });
    assert!((15..55).contains(&refused), "about a third: {refused}");
}

#[test]
fn a_connection_is_reset_in_the_middle_of_it() {
    let reset = count(Faults::none().reset_connection(20).at_most(1), async |_, reset| {
        let (mut client, mut server) = connected("a", "b").await;
        for _ in 0..10 {
            if let Err(error) = exchange(&mut client, &mut server).await {
                let kinds = [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe];
                assert!(kinds.contains(&error.kind()), "{error}");
                for end in [&mut client, &mut server] {
                    assert_eq!(end.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
                }
                reset.fetch_add(1, Ordering::Relaxed);
                return;
            }
        }
    });
    assert!((20..70).contains(&reset), "1 - 0.95^10, about 40: {reset}");
}

#[test]
fn a_connection_is_half_open_at_either_end() {
    let forgot = [Mutex::new(0), Mutex::new(0)];
    check(config().faults(Faults::none().half_open(5).at_most(1)), async |system| {
        let (mut client, mut server) = connected("a", "b").await;
        let _ = client.write(b"hello").await;
        for (number, (end, other)) in [(&mut client, &mut server)].into_iter().enumerate() {
            // One of them knows at once; the other one only if it has something under way.
            let knows = |result: &std::io::Result<usize>| result.is_err();
            let quickly = Duration::from_micros(10);
            if system.timeout(quickly, end.read(&mut [0])).await.is_ok_and(|read| knows(&read)) {
                *forgot[number].lock().unwrap() += 1;
                assert!(system.timeout(SECOND, other.read(&mut [0; 9])).await.is_err(), "nobody tells it");
                let _ = other.write(b"hello?").await;
                assert!(other.read(&mut [0]).await.is_err());
            } else if system.timeout(quickly, other.read(&mut [0])).await.is_ok_and(|read| knows(&read)) {
                *forgot[number + 1].lock().unwrap() += 1;
                // Its greeting is answered by a reset.
                assert_eq!(end.read(&mut [0]).await.unwrap_err().kind(), ErrorKind::ConnectionReset);
            }
        }
    });
    let forgot = forgot.map(|count| count.into_inner().unwrap());
    assert!(forgot.iter().all(|count| (2..30).contains(count)), "about ten times each: {forgot:?}");
}

#[test]
fn hosts_are_parted_for_some_time_in_both_directions_or_in_one() {
    const LONGEST: Duration = Duration::from_secs(60);
    let waits = Mutex::new(Vec::new());
    check(config().faults(Faults::none().partition(2, LONGEST).at_most(1)), async |system| {
        let (mut client, mut server) = connected("a", "b").await;
        let start = system.now();
        client.write_all(b"x").await.unwrap();
        server.write_all(b"x").await.unwrap();
        let mut took = [Duration::ZERO; 2];
        for (end, took) in [&mut server, &mut client].into_iter().zip(&mut took) {
            end.read_exact(&mut [0]).await.expect("it is late, and not lost");
            *took = system.now() - start;
        }
        assert!(took.iter().all(|took| *took <= LONGEST + Duration::from_millis(3)), "{took:?}");
        waits.lock().unwrap().push(took.map(|took| took > Duration::from_millis(3)));
    });
    let waits = waits.into_inner().unwrap();
    let times = |wanted| waits.iter().filter(|late| **late == wanted).count();
    assert!(times([false, false]) > 10, "not in every run");
    assert!(times([false, true]) > 5, "one that is in the way of the answer alone: {waits:?}");
    assert!(times([true, true]) > 10, "one that is in the way of the first word");
}

#[test]
fn no_partition_parts_a_host_from_itself() {
    let late = count(Faults::none().partition(1, 60 * SECOND), async |system, late| {
        let (mut client, mut server) = connected("a", "a").await;
        let start = system.now();
        exchange(&mut client, &mut server).await.unwrap();
        late.fetch_add(u32::from(system.now() - start > SECOND), Ordering::Relaxed);
    });
    assert_eq!(late, 0);
}

#[test]
fn what_is_written_is_late_and_what_follows_waits_behind_it() {
    let late = count(Faults::none().lag(3, SECOND).at_most(1), async |system, late| {
        let (mut client, mut server) = connected("a", "b").await;
        let start = system.now();
        client.write_all(b"1").await.unwrap();
        client.write_all(b"2").await.unwrap();
        let mut read = [0; 2];
        server.read_exact(&mut read).await.unwrap();
        assert_eq!(&read, b"12");
        let took = system.now() - start;
        assert!(took < SECOND + Duration::from_millis(3), "{took:?}");
        late.fetch_add(u32::from(took > Duration::from_millis(3)), Ordering::Relaxed);
    });
    assert!((30..80).contains(&late), "1 - (2/3)^2, about 55: {late}");
}

#[test]
fn nothing_happens_to_the_network_while_faults_are_off() {
    let faults = Faults::none().refuse_connect(1).reset_connection(1).half_open(1).partition(1, SECOND).lag(1, SECOND);
    check(config().faults(faults), async |system| {
        set_faults(false);
        let start = system.now();
        let (mut client, mut server) = connected("a", "b").await;
        exchange(&mut client, &mut server).await.unwrap();
        assert!(system.now() - start < Duration::from_millis(10));
        set_faults(true);
        let listener = sim().host("b").listen(([0, 0, 0, 0], 80)).await.unwrap();
        assert_eq!(dial("a", "b").await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        drop(listener);
    });
}

#[test]
fn a_reset_that_matters_is_part_of_the_simplest_schedule_and_other_faults_are_not() {
    let faults =
        Faults::none().reset_connection(8).lag(4, Duration::from_millis(1)).partition(8, Duration::from_millis(1));
    let failed = try_check(config().faults(faults), async |_| {
        let (mut client, mut server) = connected("a", "b").await;
        for _ in 0..5 {
            exchange(&mut client, &mut server).await.expect("the connection holds");
        }
    })
    .unwrap_err();
    assert!(failed.failure.to_string().contains("the connection holds"), "{failed}");
    assert!(failed.repeatable, "{failed}");
    assert_eq!(failed.schedule.faults(), 1, "{failed}");
    assert!(failed.trace.iter().any(|line| line.contains("FAULT: reset")), "{failed}");
}

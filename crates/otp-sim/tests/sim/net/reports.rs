//! What is said of the network when a run fails, and that runs are repeated.

use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use otp_core::{ExitReason, ProcessContext, System};
use otp_sim::{Config, Explore, Failure, Faults, Policy, explore, try_check};

use super::{config, connected, dial, exchange, sim};

/// A bit of everything: clients that come and go, answers, ends, on three hosts.
async fn bustle(system: System) {
    let listener = sim().host("b").listen(([0, 0, 0, 0], 80)).await.unwrap();
    let server = system.spawn(async move |ctx: ProcessContext<()>| {
        while let Ok(mut stream) = listener.accept().await {
            ctx.spawn(async move |_: ProcessContext<()>| {
                let mut buf = [0; 16];
                while let Ok(read @ 1..) = stream.read(&mut buf).await {
                    if stream.write_all(&buf[..read]).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    let clients: Vec<_> = ["a", "c", "a", "c"]
        .into_iter()
        .map(|host| {
            let net = sim().host(host);
            system.spawn(async move |ctx: ProcessContext<()>| {
                let Ok(mut stream) = net.connect_to("b", 80).await else { return };
                for _ in 0..ctx.system().random() % 5 {
                    if stream.write_all(b"0123456789").await.is_err() || stream.read(&mut [0; 10]).await.is_err() {
                        return;
                    }
                }
            })
        })
        .collect();
    for client in clients {
        system.timeout(Duration::from_secs(3600), client.exited()).await.ok();
    }
    server.exit(ExitReason::Kill);
}

#[test]
fn equal_seeds_give_equal_networks() {
    let faults = Faults::none()
        .refuse_connect(10)
        .reset_connection(20)
        .half_open(20)
        .partition(10, Duration::from_secs(2))
        .lag(5, Duration::from_millis(5))
        .kill(50);
    for policy in [Policy::Random, Policy::Pct { depth: 3, steps: 200 }] {
        let two_hundred =
            || try_check(config().seeds(200).policy(policy.clone()).faults(faults.clone()), bustle).unwrap();
        assert_eq!(two_hundred(), two_hundred());
    }
}

#[test]
fn the_trace_shows_connections_and_what_becomes_of_them() {
    let failed = try_check(config().seeds(1).trace(200).shrink(0), async |_| {
        let (mut client, mut server) = connected("a", "b").await;
        exchange(&mut client, &mut server).await.unwrap();
        client.close().await.unwrap();
        assert_eq!(server.read(&mut [0]).await.unwrap(), 0);
        sim().partition_one_way("a", "b");
        sim().heal("a", "b");
        sim().reset("a", "b");
        let (client, _server) = connected("a", "b").await;
        sim().half_open("b", "a");
        drop(client);
        sim().crash("b");
        sim().host("a").connect(([127, 0, 0, 1], 9)).await.unwrap_err();
        panic!("to see the trace");
    })
    .unwrap_err();
    let expected = [
        "net: a:49152 connects to b:80",
        "net: a:49152 is connected",
        "net: b:80 accepts a:49152",
        "net: 1 bytes from a:49152 reach b:80",
        "net: the end from a:49152 reaches b:80",
        "net: nothing gets through from a to b",
        "net: everything gets through again from a to b",
        "net: the connection of a:49152 and b:80 is reset",
        "net: b:80 knows nothing any more of its connection with a:49153",
        "net: b crashes",
        "net: a:9 refuses a:49154",
        "net: a:49154 hears that there is no connection",
    ];
    for line in expected {
        assert!(failed.trace.iter().any(|shown| shown.ends_with(line)), "no line {line:?} in {failed}");
    }
}

#[test]
fn a_read_that_nobody_will_answer_is_a_deadlock() {
    let failed = try_check(config().seeds(1), async |_| {
        let (mut client, _server) = connected("a", "b").await;
        sim().half_open("b", "a");
        let _ = client.read(&mut [0]).await;
    })
    .unwrap_err();
    assert!(matches!(failed.failure, Failure::Deadlock(_)), "{failed}");
}

#[test]
fn sockets_that_are_left_behind_are_a_leak() {
    let leaky = |keep: bool| {
        try_check(config().seeds(5).no_leaks(), async |_| {
            let listener = sim().host("b").listen(([0, 0, 0, 0], 80)).await.unwrap();
            let ends = connected("a", "c").await;
            if keep {
                std::mem::forget((listener, ends));
            }
        })
    };
    leaky(false).unwrap();
    let failed = leaky(true).unwrap_err();
    let Failure::Leak(leak) = &failed.failure else { panic!("{failed}") };
    assert_eq!(leak.sockets, 3);
    assert!(failed.to_string().contains("left behind: 0 processes, 0 names, 0 timers, 3 sockets"), "{failed}");
}

#[test]
#[allow(clippy::disallowed_methods, reason = "it is about another thread")]
fn a_socket_that_another_thread_uses_fails_the_run() {
    let failed = try_check(config().seeds(1), async |system| {
        let net = system.net().unwrap();
        let connect = move || drop(futures::executor::block_on(net.connect(([127, 0, 0, 1], 9))));
        std::thread::Builder::new().name("stranger".to_owned()).spawn(connect).unwrap();
        loop {
            otp_core::yield_now().await;
        }
    })
    .unwrap_err();
    let text = failed.failure.to_string();
    assert!(text.starts_with("the thread \"stranger\" used a socket in the middle of a simulated run"), "{text}");
}

#[test]
fn small_programs_with_sockets_are_run_in_all_ways() {
    let explored = explore(Explore::new().config(Config::new().ignore_environment()), async |system| {
        let listener = sim().host("b").listen(([0, 0, 0, 0], 80)).await.unwrap();
        let clients = [1, 2].map(|number| {
            system.spawn(async move |_: ProcessContext<()>| {
                dial("a", "b").await.unwrap().write_all(&[number]).await.unwrap();
            })
        });
        let mut sum = 0;
        for _ in &clients {
            let mut byte = [0];
            listener.accept().await.unwrap().read_exact(&mut byte).await.unwrap();
            sum += byte[0];
        }
        assert_eq!(sum, 3);
        for client in clients {
            assert_eq!(client.exited().await, ExitReason::Normal);
        }
    });
    assert!(explored.complete && explored.runs > 1, "{explored:?}");
}

//! What a test does to a cluster, and what the nodes see of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use otp::dist::{Cluster, Node};
use otp::etf::Term;
use otp::sim::{Config, Faults, SimNode, cluster, try_check};
use otp::{ExitReason, Message, Name, ProcessContext, ProcessRef, System};

use super::{GIVEN_UP, check, dist, names, plain, seen_by};

#[test]
fn each_node_of_a_cluster_has_its_own_system_and_sees_the_others() {
    check(async |_| {
        let cluster = plain(3).await;
        assert_eq!(seen_by(&cluster[0]), []);
        cluster.connect_all().await.unwrap();
        let [a, b, c] = cluster.nodes() else { panic!("three nodes") };
        assert_eq!(seen_by(a), names(&[b, c]));
        assert_eq!(seen_by(b), names(&[a, c]));
        assert_eq!(seen_by(c), names(&[a, b]));
    });
}

#[test]
fn a_node_that_boots_is_connected_once_it_has_started() {
    check(async |system| {
        let cluster = plain(3).await;
        let restarted = cluster.clone();
        let restart = system.spawn(async move |_: ProcessContext<()>| restarted[1].restart().await);
        while cluster[1].system().is_some_and(|system| Cluster::of(&system).is_ok()) {
            otp::process::yield_now().await;
        }
        cluster.connect_all().await.unwrap();
        assert_eq!(restart.exited().await, ExitReason::Normal);
        let [a, b, c] = cluster.nodes() else { panic!("three nodes") };
        assert_eq!(seen_by(b), names(&[a, c]));
    });
}

#[test]
fn a_partition_ends_connections_after_the_tick_time_and_a_healed_one_lets_them_be_made_again() {
    check(async |system| {
        let cluster = plain(3).await;
        cluster.connect_all().await.unwrap();
        let [a, b, c] = cluster.nodes() else { panic!("three nodes") };
        cluster.partition(&[0, 1]);
        system.sleep(GIVEN_UP).await;
        assert_eq!((seen_by(a), seen_by(b), seen_by(c)), (names(&[b]), names(&[a]), vec![]));
        assert!(dist(c).connect(a.name()).await.is_err());
        cluster.heal();
        cluster.connect_all().await.unwrap();
        assert_eq!((seen_by(a), seen_by(b), seen_by(c)), (names(&[b, c]), names(&[a, c]), names(&[a, b])));
    });
}

#[test]
fn a_partition_in_one_direction_is_noticed_on_both_sides() {
    check(async |system| {
        let cluster = plain(2).await;
        cluster.connect_all().await.unwrap();
        let [a, b] = cluster.nodes() else { panic!("two nodes") };
        a.partition_to(b);
        system.sleep(GIVEN_UP).await;
        assert_eq!((seen_by(a), seen_by(b)), (vec![], vec![]));
        a.heal(b);
        assert_eq!(dist(b).connect(a.name()).await, Ok(()));
    });
}

#[test]
fn a_connection_that_is_reset_or_half_open_is_lost_on_both_sides() {
    check(async |system| {
        let cluster = plain(2).await;
        let [a, b] = cluster.nodes() else { panic!("two nodes") };
        let troubles: [fn(&SimNode, &SimNode) -> usize; 3] =
            [SimNode::reset, SimNode::half_open, |a, b| SimNode::half_open(b, a)];
        for trouble in troubles {
            dist(a).connect(b.name()).await.unwrap();
            assert_eq!(trouble(a, b), 1);
            system.sleep(GIVEN_UP).await;
            assert_eq!((seen_by(a), seen_by(b)), (vec![], vec![]));
        }
    });
}

/// A program that is a node and counts how often it has started.
fn counted(starts: &Arc<AtomicUsize>) -> impl Fn(System, Node) -> futures::future::BoxFuture<'static, ()> + use<> {
    let starts = starts.clone();
    move |system, node| {
        starts.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            node.start(&system).await.unwrap();
            let idle = system.spawn(async |mut ctx: ProcessContext<Term>| drop(ctx.receive().await));
            system.register(&Name::new("idle"), &idle).unwrap();
        })
    }
}

fn idle_on(node: &SimNode) -> ProcessRef<Term> {
    let found = node.system().unwrap().whereis(&Name::new("idle"));
    found.unwrap().expect("its program has started it")
}

#[test]
fn a_node_that_crashes_takes_its_processes_along_and_tells_nobody() {
    check(async |system| {
        let cluster = cluster(2, counted(&Arc::default())).await;
        cluster.connect_all().await.unwrap();
        let [a, b] = cluster.nodes() else { panic!("two nodes") };
        let (on_a, on_b) = (a.system().unwrap(), b.system().unwrap());
        let idle = dist(a).named("idle", b.name()).unwrap();
        let watcher = on_a.spawn(async move |mut ctx: ProcessContext<()>| {
            ctx.monitor(&idle);
            match ctx.receive().await {
                Message::Down(down) => ExitReason::other((down.reason, ctx.system().now())),
                other => panic!("{other:?}"),
            }
        });
        system.sleep(Duration::from_secs(1)).await;
        let (before, processes) = (system.now(), on_b.process_count());
        assert!(processes > 1);
        b.crash();
        assert_eq!((on_b.process_count(), b.is_up(), b.system().is_some()), (0, false, false));
        assert_eq!(on_b.spawn(async |_: ProcessContext<()>| {}).exited().await, ExitReason::Killed, "it does not run");
        let ExitReason::Other(told) = watcher.exited().await else { panic!("the watcher is told") };
        let (reason, at) = told.downcast_ref::<(ExitReason, otp::runtime::Instant)>().unwrap();
        assert_eq!(*reason, ExitReason::NoConnection);
        let after = *at - before;
        assert!(after > Duration::from_secs(1), "not before it has sent something: {after:?}");
    });
}

#[test]
fn a_restarted_node_has_another_creation_and_what_was_meant_for_the_earlier_one_is_lost() {
    check(async |_| {
        let starts = Arc::default();
        let cluster = cluster(2, counted(&starts)).await;
        let [a, b] = cluster.nodes() else { panic!("two nodes") };
        dist(a).connect(b.name()).await.unwrap();
        let creation = dist(b).creation();
        let earlier = dist(b).wire_pid(idle_on(b).pid()).unwrap();
        b.restart().await;
        assert_ne!(dist(b).creation(), creation);
        assert_eq!(starts.load(Ordering::Relaxed), 3);
        let later = idle_on(b);
        // The two have the same number.
        assert_eq!(dist(b).wire_pid(later.pid()).unwrap().id, earlier.id);
        while dist(a).nodes().visible.is_empty() || dist(b).nodes().visible.is_empty() {
            let _ = dist(a).connect(b.name()).await;
            let _ = dist(a).named("nobody", b.name()).unwrap().call::<Term>(&1).timeout(Duration::from_secs(1)).await;
        }
        let _ = dist(a).process(&earlier).send(&1).await;
        dist(a).named("nobody", b.name()).unwrap().call::<Term>(&1).await.unwrap_err();
        assert!(later.is_alive(), "nothing has reached it");
    });
}

#[test]
fn the_seed_crashes_nodes_and_they_start_again() {
    let starts = Arc::default();
    let config = Config::new().seeds(20).faults(Faults::none().crash(50, Duration::from_secs(5)));
    otp::sim::check(config, async |system| {
        let cluster = cluster(3, counted(&starts)).await;
        for _ in 0..5 {
            let _ = cluster.connect_all().await;
            system.sleep(Duration::from_secs(10)).await;
        }
        cluster.recover().await;
        assert!(cluster.nodes().iter().all(|node| node.is_up()));
        for node in cluster.nodes() {
            assert!(Cluster::of(&node.system().unwrap()).is_ok());
        }
    });
    let starts = starts.load(Ordering::Relaxed);
    assert!(starts > 2 * 3 * 20, "{starts}");
}

#[test]
fn a_report_names_the_node_of_each_process_and_repeats_a_crash() {
    let config = Config::new()
        .ignore_environment()
        .seeds(50)
        .trace(400)
        .faults(Faults::none().crash(50, Duration::from_secs(5)).at_most(3));
    let failed = try_check(config, async |system: System| {
        let cluster = cluster(2, counted(&Arc::default())).await;
        let _ = cluster.connect_all().await;
        system.sleep(Duration::from_secs(3)).await;
        assert!(cluster[1].is_up(), "it has crashed");
    })
    .unwrap_err();
    assert!(failed.repeatable && failed.schedule.faults() == 1, "{failed}");
    let shows = |text: &str| failed.trace.iter().any(|line| line.contains(text));
    for text in ["FAULT: crash n2 for ", "net: n2 crashes", "n1 starts n1 <0.2.0>", "-- n2 <0.4.0> net_kernel runs"] {
        assert!(shows(text), "no {text:?} in {failed}");
    }
}

#[test]
fn equal_seeds_are_equal_runs() {
    let run = || {
        let faults = Faults::none()
            .crash(100, Duration::from_secs(5))
            .partition(20, Duration::from_secs(90))
            .reset_connection(50)
            .half_open(50)
            .slow_reader(50, Duration::from_secs(1));
        try_check(Config::new().seeds(10).faults(faults), async |system| {
            let cluster = cluster(3, counted(&Arc::default())).await;
            for _ in 0..5 {
                let _ = cluster.connect_all().await;
                system.sleep(Duration::from_secs(40)).await;
            }
        })
    };
    assert_eq!(run(), run());
}

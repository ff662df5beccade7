//! Hosts with programs, which crash and start again; and readers that are slow.

use std::io::ErrorKind;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::future::join;
use futures::{AsyncReadExt, AsyncWriteExt};
use otp_core::{ExitReason, ProcessContext, ProcessRef, System};
use otp_sim::{Faults, Policy, SimRuntime, check, set_faults, try_check};

use super::{config, connected, count, exchange, sim};

const SECOND: Duration = Duration::from_secs(1);

/// The processes that programs have started, in order.
#[derive(Clone, Default)]
struct Started(Arc<Mutex<Vec<ProcessRef<()>>>>);

impl Started {
    /// A program that waits.
    fn sleeper(&self) -> impl Fn(SimRuntime) + Send + Sync + use<> {
        let started = self.clone();
        move |runtime| {
            let system = System::new(runtime);
            let process = system.spawn(async |mut ctx: ProcessContext<()>| drop(ctx.receive().await));
            started.0.lock().unwrap().push(process);
        }
    }

    fn last(&self) -> ProcessRef<()> {
        self.0.lock().unwrap().last().expect("one has started").clone()
    }

    fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }
}

#[test]
fn a_program_ends_with_its_host_and_starts_again_with_it() {
    check(config(), async |system| {
        let started = Started::default();
        sim().boot("a", started.sleeper());
        let first = started.last();
        let elsewhere = system.spawn(async |mut ctx: ProcessContext<()>| drop(ctx.receive().await));
        assert!(sim().is_up("a") && !sim().restart("a"), "it is up");
        sim().crash("a");
        assert!(!sim().is_up("a") && !first.is_alive(), "at once");
        assert_eq!(first.exited().await, ExitReason::Killed);
        assert!(sim().restart("a") && !sim().restart("a"));
        assert_eq!((started.count(), started.last().is_alive(), started.last().pid()), (2, true, first.pid()));
        assert!(elsewhere.is_alive(), "it runs on another host");
        assert!(!sim().restart("b"), "it has no program");
    });
}

#[test]
fn what_a_process_does_when_its_host_crashes_is_done_by_nobody() {
    check(config(), async |system| {
        let (send, mut done) = futures::channel::mpsc::unbounded();
        sim().boot("a", move |runtime| {
            let (system, of_watcher, of_guard) = (System::new(runtime), send.clone(), send.clone());
            let watched = system.spawn(async |mut ctx: ProcessContext<()>| drop(ctx.receive().await));
            let pid = watched.pid();
            system.spawn(async move |mut ctx: ProcessContext<()>| {
                ctx.monitor(pid);
                drop(ctx.receive().await);
                of_watcher.unbounded_send("a monitor has fired").unwrap();
            });
            let spawned = system.clone();
            system.spawn(async move |mut ctx: ProcessContext<()>| {
                let _guard = Guard(spawned, of_guard);
                drop(ctx.receive().await);
            });
        });
        system.sleep(SECOND).await;
        sim().crash("a");
        system.sleep(SECOND).await;
        assert_eq!(done.try_recv().ok(), None);
    });
}

/// Starts a process when it is dropped.
struct Guard(System, futures::channel::mpsc::UnboundedSender<&'static str>);

impl Drop for Guard {
    fn drop(&mut self) {
        let send = self.1.clone();
        self.0.spawn(async move |_: ProcessContext<()>| send.unbounded_send("a process has been started").unwrap());
    }
}

#[test]
fn a_process_that_crashes_its_own_host_does_not_come_back_from_its_next_wait() {
    check(config(), async |system| {
        let (send, mut done) = futures::channel::mpsc::unbounded();
        sim().boot("a", move |runtime| {
            let send = send.clone();
            System::new(runtime).spawn(async move |ctx: ProcessContext<()>| {
                sim().crash("a");
                send.unbounded_send("the end of the step").unwrap();
                ctx.system().sleep(SECOND).await;
                send.unbounded_send("and what follows").unwrap();
            });
        });
        system.sleep(2 * SECOND).await;
        assert_eq!(done.try_recv().ok(), Some("the end of the step"));
        assert_eq!(done.try_recv().ok(), None);
        assert!(!sim().is_up("a"));
    });
}

#[test]
fn the_seed_crashes_each_host_that_has_a_program_and_it_starts_again_in_time() {
    let crashes = count(Faults::none().crash(30, SECOND), async |system, crashes| {
        let (a, b) = (Started::default(), Started::default());
        sim().boot("a", a.sleeper());
        sim().boot("b", b.sleeper());
        for _ in 0..50 {
            system.sleep(SECOND / 10).await;
        }
        set_faults(false);
        system.sleep(SECOND).await;
        assert!(sim().is_up("a") && sim().is_up("b"));
        for started in [a, b] {
            assert!(started.last().is_alive());
            crashes.fetch_add(u32::try_from(started.count() - 1).unwrap(), Ordering::Relaxed);
        }
    });
    assert!((100..400).contains(&crashes), "once in thirty steps: {crashes}");
}

#[test]
fn a_crash_that_matters_is_all_that_is_left_of_a_schedule_which_repeats_it() {
    let body = async |system: System| {
        let (a, b) = (Started::default(), Started::default());
        sim().boot("a", a.sleeper());
        sim().boot("b", b.sleeper());
        for _ in 0..20 {
            system.sleep(SECOND).await;
        }
        assert_eq!(b.count(), 1);
    };
    let config = config().faults(Faults::none().crash(10, SECOND));
    let failed = try_check(config.clone(), body).unwrap_err();
    assert!(failed.repeatable && failed.faults_before > 1 && failed.schedule.faults() == 1, "{failed}");
    assert!(failed.troubles.iter().any(|line| line.contains("FAULT: crash b for ")), "{failed}");
    let text = failed.schedule.to_string();
    let again = try_check(config.policy(Policy::Replay(text.parse().unwrap())), body).unwrap_err();
    assert!(again.failure.to_string().contains("panicked"), "{again}");
}

#[test]
fn processes_of_two_programs_with_the_same_pid_are_told_apart() {
    let failed = try_check(config().seeds(1).trace(100), async |system| {
        for host in ["a", "b"] {
            sim().boot(host, |runtime| {
                let system = System::new(runtime);
                let process = system.spawn(async |ctx: ProcessContext<()>| drop(ctx));
                assert_eq!(process.pid().to_string(), "<0.2.0>");
            });
        }
        system.sleep(SECOND).await;
        panic!("to see the trace");
    })
    .unwrap_err();
    for line in ["net: a starts", "a starts a <0.2.0>", "-- b <0.2.0> runs", "a <0.2.0> ends: normal", "-- main runs"] {
        assert!(failed.trace.iter().any(|shown| shown.ends_with(line)), "no line {line:?} in {failed}");
    }
}

#[test]
fn a_slow_reader_reads_nothing_until_its_time_has_come_and_its_peer_has_to_wait() {
    check(config().socket_buffer(10), async |system| {
        let (mut client, mut server) = connected("a", "b").await;
        exchange(&mut client, &mut server).await.unwrap();
        let start = system.now();
        assert_eq!(sim().slow_reader("b", "a", 5 * SECOND), 1);
        let (write, read) = join(client.write_all(&[7; 30]), async {
            let mut bytes = [0; 30];
            server.read_exact(&mut bytes).await.map(|()| (bytes, system.now()))
        })
        .await;
        write.unwrap();
        let (bytes, at) = read.unwrap();
        assert_eq!(bytes, [7; 30]);
        assert!(at - start >= 5 * SECOND, "{:?}", at - start);
        exchange(&mut server, &mut client).await.expect("the other way is free");
    });
}

#[test]
fn the_seed_makes_readers_slow() {
    let slow = count(Faults::none().slow_reader(10, SECOND), async |system, slow| {
        let (mut client, mut server) = connected("a", "b").await;
        let start = system.now();
        for _ in 0..10 {
            exchange(&mut client, &mut server).await.unwrap();
        }
        slow.fetch_add(u32::from(system.now() - start > SECOND / 10), Ordering::Relaxed);
    });
    assert!((40..90).contains(&slow), "about two of three: {slow}");
}

#[test]
fn a_connection_to_a_host_that_has_crashed_is_refused() {
    check(config(), async |_| {
        sim().boot("a", Started::default().sleeper());
        let listener = sim().host("a").listen(([0, 0, 0, 0], 80)).await.unwrap();
        sim().crash("a");
        assert_eq!(super::dial("b", "a").await.unwrap_err().kind(), ErrorKind::ConnectionRefused);
        drop(listener);
    });
}

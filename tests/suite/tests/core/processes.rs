//! The life of a process, and the reasons for its end: SPEC §1.

use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, panic_any, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use futures::channel::oneshot;
use otp::event::Event;
use otp::process::{IntoExit, SpawnOptions};
use otp::{ExitReason, Message, Name, Pid, Process, ProcessContext, System};
use otp_suite::{Bomb, Drops, exit, forever, idle, inside, obey, reasons, user};

#[derive(Debug)]
struct Layer(&'static str, Option<Box<Layer>>);

impl fmt::Display for Layer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Error for Layer {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

/// The crash reports of the events that have happened.
pub(crate) fn crashes(events: &mut otp::event::Events) -> Vec<(Option<Pid>, String)> {
    let all = std::iter::from_fn(|| events.try_next());
    all.filter_map(|event| match event {
        Event::Crashed(report) => Some((report.pid, report.reason.to_string())),
        _ => None,
    })
    .collect()
}

// PROC-1
#[otp::test]
async fn a_process_that_returns_ends_with_normal(system: System) {
    let process = system.spawn(async |_: ProcessContext<()>| {});
    assert_eq!(process.exited().await, ExitReason::Normal);
}

// PROC-2, PROC-3
#[otp::test]
async fn a_process_ends_with_the_reason_that_it_returns_whether_it_traps_exits_or_not(system: System) {
    for reason in reasons() {
        for trapping in [false, true] {
            let own = reason.clone();
            let process = system.spawn(async move |ctx: ProcessContext<()>| {
                ctx.trap_exit(trapping);
                own
            });
            assert_eq!(process.exited().await, reason);
        }
    }
}

#[otp::test]
async fn what_a_body_may_return_stands_for_a_reason(system: System) {
    assert_eq!(().into_exit(), ExitReason::Normal);
    assert_eq!(Ok::<(), ExitReason>(()).into_exit(), ExitReason::Normal);
    assert_eq!(Err::<(), _>(ExitReason::Shutdown).into_exit(), ExitReason::Shutdown);
    assert_eq!(Ok::<_, ExitReason>(ExitReason::Kill).into_exit(), ExitReason::Kill);
    let endless = system.spawn(async |mut ctx: ProcessContext<()>| {
        loop {
            ctx.receive().await;
        }
    });
    endless.exit(ExitReason::Shutdown);
    assert_eq!(endless.exited().await, ExitReason::Shutdown);
}

// PROC-4
#[otp::test]
async fn a_panic_ends_a_process_with_its_message_and_its_place(system: System) {
    let line = line!() + 2;
    let process = system.spawn(async |_: ProcessContext<()>| {
        panic!("no {} left", "paper");
    });
    let ExitReason::Error(crash) = process.exited().await else { panic!("not a crash") };
    assert_eq!(crash.message(), "no paper left");
    let place = crash.place().expect("a panic has a place");
    assert!(place.file.ends_with("processes.rs"), "{place}");
    assert_eq!(place.line, line);
    assert_eq!(crash.sources().count(), 0);
}

// PROC-4
#[otp::test]
async fn an_error_ends_a_process_with_its_chain_of_sources_and_the_place_where_it_left(system: System) {
    let line = line!() + 3;
    let process = system.spawn(async |_: ProcessContext<()>| {
        let inner = Layer("cannot open it", Some(Box::new(Layer("permission denied", None))));
        Err::<(), _>(Layer("cannot start", Some(Box::new(inner))))?;
        Ok::<(), ExitReason>(())
    });
    let ExitReason::Error(crash) = process.exited().await else { panic!("not a crash") };
    assert_eq!(crash.message(), "cannot start");
    assert_eq!(crash.sources().collect::<Vec<_>>(), ["cannot open it", "permission denied"]);
    assert_eq!(crash.to_string(), "cannot start: cannot open it: permission denied");
    assert!(crash.error().is_some_and(|error| error.is::<Layer>()));
    let place = crash.place().expect("`?` has a place");
    assert!(place.file.ends_with("processes.rs"), "{place}");
    assert_eq!(place.line, line);
}

#[otp::test]
async fn a_panic_before_the_future_exists_ends_the_process_too(system: System) {
    #[allow(unreachable_code)]
    let process = system.spawn(|_: ProcessContext<()>| {
        panic!("too early");
        std::future::ready(())
    });
    assert_eq!(process.exited().await, ExitReason::crash("too early"));
}

#[otp::test]
async fn a_panic_whose_payload_is_no_text_is_a_crash(system: System) {
    let process = system.spawn(async |_: ProcessContext<()>| panic_any(17_u8));
    let ExitReason::Error(crash) = process.exited().await else { panic!("not a crash") };
    assert_eq!(crash.message(), "a panic with a payload that is not text");
    assert!(crash.place().is_some_and(|place| place.file.ends_with("processes.rs")), "{crash:?}");
}

#[otp::test]
async fn a_panic_whose_payload_panics_when_dropped_harms_nobody(system: System) {
    struct Twice;
    impl Drop for Twice {
        fn drop(&mut self) {
            panic_any(Bomb("the payload of the payload"));
        }
    }
    let line = line!() + 1;
    let once = system.spawn(async |_: ProcessContext<()>| panic_any(Bomb("the payload")));
    let twice = system.spawn(async |_: ProcessContext<()>| panic_any(Twice));
    let ExitReason::Error(crash) = once.exited().await else { panic!("not a crash") };
    assert_eq!(crash.message(), "a panic with a payload that is not text");
    assert_eq!(crash.place().map(|place| place.line), Some(line), "the place of the panic, not of its payload's");
    assert_eq!(twice.exited().await, ExitReason::Error(crash));
    // Every thread that runs processes still does.
    for _ in 0..16 {
        assert_eq!(system.spawn(async |_: ProcessContext<()>| {}).exited().await, ExitReason::Normal);
    }
}

#[otp::test]
async fn a_panic_that_no_hook_saw_has_no_place_rather_than_that_of_another_one(system: System) {
    let process = system.spawn(async |_: ProcessContext<()>| {
        assert!(catch_unwind(|| panic!("handled")).is_err());
        resume_unwind(Box::new("carried over"));
    });
    let ExitReason::Error(crash) = process.exited().await else { panic!("not a crash") };
    assert_eq!((crash.message(), crash.place()), ("carried over", None));
}

// PROC-5
#[otp::test]
async fn kill_cannot_be_trapped_and_is_seen_as_killed(system: System) {
    for trapping in [false, true] {
        let options = SpawnOptions::new().trap_exit(trapping);
        let process = system.spawn_with(options, obey).unwrap().process;
        process.exit(ExitReason::Kill);
        assert_eq!(process.exited().await, ExitReason::Killed);
    }
}

// PROC-6
#[otp::test]
async fn no_code_of_a_killed_process_runs_after_the_kill(system: System) {
    let (go_on, wait) = oneshot::channel::<()>();
    let (waits, started) = oneshot::channel();
    let ran = Arc::new(AtomicBool::new(false));
    let flag = ran.clone();
    let process = system.spawn(async move |_: ProcessContext<()>| {
        let _ = waits.send(());
        let _ = wait.await;
        flag.store(true, Ordering::SeqCst);
    });
    started.await.unwrap();
    // A process can be stopped only where it waits: it might be on its way there.
    idle(&process).await;
    process.exit(ExitReason::Kill);
    // It is woken for this as well, unless it has gone already.
    let _ = go_on.send(());
    assert_eq!(process.exited().await, ExitReason::Killed);
    assert!(!ran.load(Ordering::SeqCst));
}

// PROC-7, PROC-9
#[otp::test]
async fn whoever_addresses_a_dead_process_is_told_so_or_ignored(system: System) {
    let process = system.spawn(async |_: ProcessContext<u8>| ExitReason::other("done"));
    assert_eq!(process.exited().await, ExitReason::other("done"));
    let error = process.send(1).await.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot send to {}: no such process", process.pid()));
    assert_eq!(error.into_message(), 1);
    assert_eq!(process.try_send(2).unwrap_err().into_message(), 2);
    process.exit(ExitReason::Kill);
    system.exit(process.pid(), ExitReason::other("again"));
    assert_eq!(process.exited().await, ExitReason::other("done"), "a reference remembers the reason");
    assert_eq!(system.exited(process.pid()).await, ExitReason::NoProc);
}

// PROC-8
#[otp::test]
async fn a_process_is_alive_until_its_end_is_known(system: System) {
    let process = system.spawn(obey);
    assert!(process.is_alive() && system.is_alive(process.pid()));
    process.send(ExitReason::Normal).await.unwrap();
    process.exited().await;
    assert!(!process.is_alive() && !system.is_alive(process.pid()));
    assert!(system.info(process.pid()).is_none());
    assert!(!system.processes().contains(&process.pid()));
}

// PROC-8
#[otp::test]
async fn pids_are_never_used_again_and_are_ordered_by_age(system: System) {
    let mut pids = Vec::new();
    for _ in 0..1000 {
        let process = system.spawn(async |_: ProcessContext<()>| {});
        process.exited().await;
        pids.push(process.pid());
    }
    assert!(pids.is_sorted_by(|older, younger| older < younger));
    assert!(pids[0] > Pid::SYSTEM);
    let text = pids[0].to_string();
    assert!(text.starts_with("<0.") && text.ends_with(".0>"), "{text}");
}

// PROC-10
#[otp::test]
async fn no_exit_is_missed_between_the_start_of_a_process_and_its_link_and_monitor(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        for n in 0..200 {
            let options = SpawnOptions::new().link().monitor();
            let spawned = ctx.spawn_with(options, async move |_: ProcessContext<()>| ExitReason::other(n)).unwrap();
            let (mut exits, mut downs) = (Vec::new(), Vec::new());
            for _ in 0..2 {
                match ctx.receive().await {
                    Message::Exit(exit) => exits.push((exit.from, exit.reason)),
                    Message::Down(down) => downs.push((Some(down.monitor), down.target, down.reason)),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!(exits, [(spawned.process.pid(), ExitReason::other(n))]);
            assert_eq!(downs, [(spawned.monitor, (&spawned.process).into(), ExitReason::other(n))]);
        }
    })
    .await;
}

// PROC-10
#[otp::test]
async fn options_hold_from_the_beginning(system: System) {
    let options = SpawnOptions::new().label("a helper").name(Name::new("helper")).trap_exit(true).mailbox(3);
    let process = system
        .spawn_with(options, async |ctx: ProcessContext<ExitReason>| {
            assert!(ctx.traps_exits());
            let info = ctx.system().info(ctx.pid()).unwrap();
            assert_eq!(info.label.as_ref().map(|label| label.as_str()), Some("a helper"));
            assert_eq!(info.name.as_ref().map(|name| name.as_str()), Some("helper"));
            assert_eq!(info.queue_limit, Some(3));
            obey(ctx).await
        })
        .unwrap()
        .process;
    process.send(ExitReason::Normal).await.unwrap();
    assert_eq!(process.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn link_and_monitor_have_no_effect_from_outside_any_process(system: System) {
    let spawned = system.spawn_with(SpawnOptions::new().link().monitor(), obey).unwrap();
    assert!(spawned.monitor.is_none());
    let info = system.info(spawned.process.pid()).unwrap();
    assert!(info.links.is_empty() && info.monitored_by.is_empty());
}

// REG-2
#[otp::test]
async fn nothing_is_started_when_the_name_is_taken(system: System) {
    let holder = system.spawn_with(SpawnOptions::new().name(Name::new("taken")), obey).unwrap().process;
    let mut events = system.subscribe();
    let dropped = Drops::default();
    let guard = dropped.guard();
    let refused =
        system.spawn_with(SpawnOptions::new().name(Name::new("taken")), async move |_: ProcessContext<()>| drop(guard));
    let error = refused.unwrap_err();
    assert_eq!(error.to_string(), format!("cannot register \"taken\": {} holds it", holder.pid()));
    assert_eq!(dropped.count(), 1);
    assert_eq!(system.processes(), [holder.pid()]);
    assert_eq!(events.try_next(), None);
}

#[otp::test]
async fn whoever_watches_a_process_whose_name_is_refused_is_told(system: System) {
    // Between the allocation of its pid and the refusal, a process can be found by others.
    let holder = system.spawn_with(SpawnOptions::new().name(Name::new("taken")), obey).unwrap().process;
    let (stop, stopped) = oneshot::channel::<()>();
    let other = system.clone();
    let watcher = system.spawn(async move |ctx: ProcessContext<()>| {
        let holder = holder;
        let mut stopped = stopped;
        while stopped.try_recv() == Ok(None) {
            for pid in other.processes() {
                if ![holder.pid(), ctx.pid()].contains(&pid) {
                    other.exited(pid).await;
                }
            }
            ctx.yield_now().await;
        }
    });
    for _ in 0..2000 {
        assert!(system.spawn_with(SpawnOptions::new().name(Name::new("taken")), forever::<()>).is_err());
    }
    drop(stop);
    assert_eq!(watcher.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn the_parent_is_the_process_whose_code_starts_another(system: System) {
    let test = system.clone();
    inside(&system, async move |ctx: ProcessContext<()>| {
        assert_eq!(ctx.parent(), Pid::SYSTEM);
        assert_eq!(Process::current().map(|process| process.pid()), Some(ctx.pid()));
        let parent = ctx.pid();
        let check = async move |ctx: ProcessContext<()>| assert_eq!(ctx.parent(), parent);
        assert_eq!(ctx.spawn(check).exited().await, ExitReason::Normal);
        assert_eq!(test.spawn(check).exited().await, ExitReason::Normal, "also through the system");
    })
    .await;
    assert!(Process::current().is_none(), "a test is no process");
}

// PROC-13
#[otp::test]
async fn the_end_of_a_parent_means_nothing_to_its_children(system: System) {
    let (tell, child) = oneshot::channel();
    let parent = system.spawn(async |ctx: ProcessContext<()>| {
        let _ = tell.send(ctx.spawn(obey));
        ExitReason::other("gone")
    });
    let child = child.await.unwrap();
    assert_eq!(parent.exited().await, ExitReason::other("gone"));
    child.send(ExitReason::other("still here")).await.unwrap();
    assert_eq!(child.exited().await, ExitReason::other("still here"));
}

// PROC-14
#[otp::test]
async fn giving_back_memory_keeps_mailbox_and_links(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        ctx.trap_exit(true);
        let peer = ctx.spawn_link(obey);
        for n in 0..100 {
            ctx.this().send(n).await.unwrap();
        }
        assert_eq!(user(ctx.receive().await), 0);
        ctx.release_memory();
        for n in 1..100 {
            assert_eq!(user(ctx.receive().await), n);
        }
        ctx.release_memory();
        peer.send(ExitReason::other("bye")).await.unwrap();
        assert_eq!(exit(ctx.receive().await).reason, ExitReason::other("bye"));
    })
    .await;
}

// SIG-3, SIG-18
#[otp::test]
async fn a_signal_that_a_process_sends_itself_decides_even_if_it_returns_before_it_waits(system: System) {
    for (sent, seen) in [
        (ExitReason::Normal, ExitReason::Normal),
        (ExitReason::other("mine"), ExitReason::other("mine")),
        (ExitReason::Kill, ExitReason::Killed),
    ] {
        let process = system.spawn(async |ctx: ProcessContext<()>| {
            ctx.this().exit(sent);
            ExitReason::other("returned")
        });
        assert_eq!(process.exited().await, seen);
    }
}

#[otp::test]
async fn a_crash_after_a_signal_arrived_is_reported(system: System) {
    let mut events = system.subscribe();
    let process = system.spawn(async |ctx: ProcessContext<()>| {
        ctx.this().exit(ExitReason::Shutdown);
        panic!("on the way out");
    });
    assert_eq!(process.exited().await, ExitReason::Shutdown);
    assert_eq!(crashes(&mut events), [(Some(process.pid()), "crash: on the way out".to_owned())]);
}

#[otp::test]
async fn two_crashes_are_equal_if_their_messages_are(system: System) {
    let panicked = system.spawn(async |_: ProcessContext<()>| panic!("alike")).exited().await;
    let made = ExitReason::crash("alike");
    assert_eq!(panicked, made);
    assert_ne!(panicked, ExitReason::crash("different"));
}

#[otp::test]
async fn a_panic_that_the_process_catches_itself_does_not_end_it(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u8>| {
        assert!(catch_unwind(AssertUnwindSafe(|| panic!("caught"))).is_err());
        ctx.this().send(1).await.unwrap();
        assert_eq!(user(ctx.receive().await), 1);
    })
    .await;
}

//! Monitors: SPEC §3.

use std::collections::HashSet;

use otp::process::{Down, MonitorRef, SpawnOptions, Target};
use otp::{ExitReason, Message, Name, ProcessContext, ProcessRef, System};
use otp_suite::{down, exit, forever, inside, obey, reasons, user};

/// Asserts that nothing has arrived for the watcher although the watched process has ended: callers that wait for an
/// end are told after its links and monitors have fired.
async fn assert_nothing_more<N: Send + 'static>(ctx: &mut ProcessContext<()>, watched: &ProcessRef<N>) {
    watched.exited().await;
    assert_eq!(ctx.try_receive_match(|_| true), None);
}

// MON-1
#[otp::test]
async fn exactly_one_down_comes_in_one_shape_for_every_reason(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        for reason in reasons() {
            let own = reason.clone();
            let (process, monitor) = ctx.spawn_monitor(async move |_: ProcessContext<()>| own);
            let Down { monitor: told, target, reason: seen, .. } = down(ctx.receive().await);
            assert_eq!((told, target, seen), (monitor, Target::Pid(process.pid()), reason));
            assert_nothing_more(&mut ctx, &process).await;
        }
    })
    .await;
}

// MON-1, PROC-5
#[otp::test]
async fn exactly_one_down_comes_however_the_process_ends(system: System) {
    type End = fn(&ProcessRef<ExitReason>);
    let ends: [(End, ExitReason); 4] = [
        (|process| process.exit(ExitReason::Kill), ExitReason::Killed),
        (|process| process.exit(ExitReason::other("asked")), ExitReason::other("asked")),
        (|process| process.try_send(ExitReason::Normal).unwrap(), ExitReason::Normal),
        // Two at once.
        (
            |process| {
                process.exit(ExitReason::Shutdown);
                process.exit(ExitReason::Kill);
            },
            ExitReason::Shutdown,
        ),
    ];
    inside(&system, async move |mut ctx: ProcessContext<()>| {
        for (end, reason) in ends {
            let process = ctx.spawn(obey);
            let monitor = ctx.monitor(&process);
            end(&process);
            let down = down(ctx.receive().await);
            assert_eq!((down.monitor, down.reason), (monitor, reason));
            assert_nothing_more(&mut ctx, &process).await;
        }
        let (process, monitor) = ctx.spawn_monitor(async |_: ProcessContext<()>| panic!("torn"));
        let down = down(ctx.receive().await);
        assert_eq!((down.monitor, down.reason), (monitor, ExitReason::crash("torn")));
        assert_nothing_more(&mut ctx, &process).await;
    })
    .await;
}

// MON-1: the monitor races with the end of its target.
#[otp::test]
async fn a_monitor_set_on_a_process_that_is_ending_gets_its_one_down(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        for _ in 0..500 {
            let process = ctx.spawn(async |_: ProcessContext<()>| ExitReason::other("quick"));
            let monitor = ctx.monitor(&process);
            let down = down(ctx.receive().await);
            assert_eq!(down.monitor, monitor);
            assert!([ExitReason::other("quick"), ExitReason::NoProc].contains(&down.reason), "{down:?}");
            assert_nothing_more(&mut ctx, &process).await;
        }
    })
    .await;
}

// MON-2, PROC-7
#[otp::test]
async fn a_monitor_of_nobody_gives_a_down_with_noproc(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        let dead = ctx.spawn(async |_: ProcessContext<()>| ExitReason::other("long ago"));
        dead.exited().await;
        let by_pid = ctx.monitor(dead.pid());
        let Down { monitor, target, reason, .. } = down(ctx.receive().await);
        assert_eq!((monitor, target, reason), (by_pid, Target::Pid(dead.pid()), ExitReason::NoProc));
        let by_name = ctx.monitor(&Name::<()>::new("nobody"));
        let Down { monitor, target, reason, .. } = down(ctx.receive().await);
        assert_eq!((monitor, target, reason), (by_name, Target::Name("nobody".into()), ExitReason::NoProc));
        assert!(!ctx.demonitor(by_pid) && !ctx.demonitor(by_name));
    })
    .await;
}

// MON-3
#[otp::test]
async fn the_end_of_the_watcher_does_nothing_to_the_watched(system: System) {
    let watched = system.spawn(obey);
    let target = watched.clone();
    let watcher = system.spawn(async move |ctx: ProcessContext<()>| {
        ctx.monitor(&target);
        ExitReason::other("gone")
    });
    assert_eq!(watcher.exited().await, ExitReason::other("gone"));
    assert!(system.info(watched.pid()).unwrap().monitored_by.is_empty(), "its monitor is gone");
    watched.send(ExitReason::Normal).await.unwrap();
    assert_eq!(watched.exited().await, ExitReason::Normal);
}

// MON-4
#[otp::test]
async fn each_monitor_gives_a_down_of_its_own(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        let process = ctx.spawn(obey);
        let monitors: HashSet<MonitorRef> = (0..10).map(|_| ctx.monitor(&process)).collect();
        assert_eq!(monitors.len(), 10);
        process.send(ExitReason::Shutdown).await.unwrap();
        let mut told = HashSet::new();
        for _ in 0..10 {
            let down = down(ctx.receive().await);
            assert_eq!(down.reason, ExitReason::Shutdown);
            told.insert(down.monitor);
        }
        assert_eq!(told, monitors);
        assert_nothing_more(&mut ctx, &process).await;
    })
    .await;
}

// MON-5
#[otp::test]
async fn a_monitor_by_name_follows_the_process_that_held_the_name_then(system: System) {
    const NAME: Name<ExitReason> = Name::new("office");
    inside(&system, async |mut ctx: ProcessContext<()>| {
        let system = ctx.system().clone();
        let first = ctx.spawn(obey);
        system.register(&NAME, &first).unwrap();
        let monitor = ctx.monitor(&NAME);
        system.unregister(&NAME).unwrap();
        let second = ctx.spawn(obey);
        system.register(&NAME, &second).unwrap();
        second.send(ExitReason::other("second")).await.unwrap();
        assert_nothing_more(&mut ctx, &second).await;
        first.send(ExitReason::other("first")).await.unwrap();
        let Down { monitor: told, target, reason, .. } = down(ctx.receive().await);
        assert_eq!((told, target, reason), (monitor, Target::Name("office".into()), ExitReason::other("first")));
    })
    .await;
}

// MON-6
#[otp::test]
async fn a_down_is_a_message_whether_the_watcher_traps_exits_or_not(system: System) {
    for trapping in [false, true] {
        inside(&system, async move |mut ctx: ProcessContext<()>| {
            ctx.trap_exit(trapping);
            let (_, monitor) = ctx.spawn_monitor(async |_: ProcessContext<()>| ExitReason::other("abnormal"));
            assert_eq!(down(ctx.receive().await).monitor, monitor);
        })
        .await;
    }
}

// MON-7, MON-8
#[otp::test]
async fn a_monitor_that_was_taken_away_gives_no_down(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        let process = ctx.spawn(obey);
        let (gone, kept) = (ctx.monitor(&process), ctx.monitor(&process));
        assert!(ctx.demonitor(gone), "it was there");
        assert!(!ctx.demonitor(gone), "it no longer is");
        assert_eq!(ctx.system().info(process.pid()).unwrap().monitored_by, [ctx.pid()]);
        process.send(ExitReason::Normal).await.unwrap();
        assert_eq!(down(ctx.receive().await).monitor, kept);
        assert!(!ctx.demonitor(kept), "it has fired");
        assert_nothing_more(&mut ctx, &process).await;
    })
    .await;
}

// MON-7
#[otp::test]
async fn a_down_that_has_arrived_stays_unless_it_is_flushed(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        let process = ctx.spawn(obey);
        let (stays, flushed) = (ctx.monitor(&process), ctx.monitor(&process));
        process.send(ExitReason::Normal).await.unwrap();
        process.exited().await;
        assert!(!ctx.demonitor(stays));
        assert!(!ctx.demonitor_flush(flushed));
        assert_eq!(ctx.system().info(ctx.pid()).unwrap().queue, 1);
        assert_eq!(down(ctx.receive().await).monitor, stays);
        assert_nothing_more(&mut ctx, &process).await;
    })
    .await;
}

// MON-7
#[otp::test]
async fn a_flush_takes_nothing_but_the_down_and_is_seen_in_the_length_of_the_queue(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u8>| {
        let process = ctx.spawn(obey);
        let monitor = ctx.monitor(&process);
        for n in [1, 2] {
            ctx.this().send(n).await.unwrap();
        }
        process.exit(ExitReason::Kill);
        process.exited().await;
        ctx.this().send(3).await.unwrap();
        ctx.demonitor_flush(monitor);
        assert_eq!(ctx.system().info(ctx.pid()).unwrap().queue, 3);
        for n in [1, 2, 3] {
            assert_eq!(user(ctx.receive().await), n);
        }
        assert_eq!(ctx.system().info(ctx.pid()).unwrap().queue, 0);
    })
    .await;
}

// MON-7: the end races with the demonitor.
#[otp::test]
async fn nothing_arrives_after_a_flushing_demonitor_has_returned(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        for _ in 0..500 {
            let (process, monitor) = ctx.spawn_monitor(async |_: ProcessContext<()>| {});
            ctx.demonitor_flush(monitor);
            assert_eq!(ctx.try_receive_match(|_| true), None);
            assert_nothing_more(&mut ctx, &process).await;
        }
    })
    .await;
}

// MON-9
#[otp::test]
async fn a_link_and_a_monitor_both_tell_the_same_reason(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        for reason in reasons() {
            let own = reason.clone();
            let process = ctx.spawn_with(SpawnOptions::new().link().monitor(), async move |_: ProcessContext<()>| own);
            let process = process.unwrap().process;
            let (mut exits, mut downs) = (0, 0);
            for _ in 0..2 {
                match ctx.receive().await {
                    Message::Exit(told) => (exits, _) = (exits + 1, assert_eq!(told.reason, reason)),
                    Message::Down(told) => (downs, _) = (downs + 1, assert_eq!(told.reason, reason)),
                    other => panic!("{other:?}"),
                }
            }
            assert_eq!((exits, downs), (1, 1));
            assert_nothing_more(&mut ctx, &process).await;
        }
    })
    .await;
}

// MON-10
#[otp::test]
async fn what_a_process_sent_before_its_end_arrives_before_its_down(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        for _ in 0..20 {
            let me = ctx.this();
            let (_, monitor) = ctx.spawn_monitor(async move |_: ProcessContext<()>| {
                for n in 0..50 {
                    me.send(n).await.unwrap();
                }
            });
            for n in 0..50 {
                assert_eq!(user(ctx.receive().await), n);
            }
            assert_eq!(down(ctx.receive().await).monitor, monitor);
        }
    })
    .await;
}

// MON-4
#[otp::test]
async fn monitor_references_are_unique_among_all_processes_of_a_system(system: System) {
    let target = system.spawn(forever::<()>);
    let mut makers = Vec::new();
    for _ in 0..8 {
        let target = target.clone();
        makers.push(inside(&system, async move |ctx: ProcessContext<()>| {
            (0..500).map(|_| ctx.monitor(&target)).collect::<Vec<_>>()
        }));
    }
    let all = futures::future::join_all(makers).await.concat();
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 4000);
}

// MON-6
#[otp::test]
async fn a_process_that_monitors_itself_notices_nothing(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        let monitor = ctx.monitor(ctx.pid());
        assert!(ctx.system().info(ctx.pid()).unwrap().monitors.is_empty());
        assert!(!ctx.demonitor(monitor), "as in OTP, there is none");
        ctx.this().exit(ExitReason::Shutdown);
        assert_eq!(exit(ctx.receive().await).from, ctx.pid());
        assert_eq!(ctx.try_receive_match(|_| true), None);
    })
    .await;
}

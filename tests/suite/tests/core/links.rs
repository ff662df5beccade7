//! Exit signals, links, and the trapping of exits: SPEC §2.

use futures::channel::oneshot;
use otp::process::{LinkError, SpawnOptions};
use otp::{ExitReason, Message, Pid, ProcessContext, ProcessRef, System};
use otp_suite::{exit, idle, inside, obey, reasons, user};

/// What the processes of these tests are asked: for the signals that they have trapped since they were last asked, or
/// to link themselves.
enum Ask {
    Trapped(oneshot::Sender<Vec<(Pid, ExitReason)>>),
    Link(Pid, oneshot::Sender<()>),
}

async fn collect(mut ctx: ProcessContext<Ask>) {
    let mut trapped = Vec::new();
    loop {
        match ctx.receive().await {
            Message::User(Ask::Trapped(answer)) => drop(answer.send(std::mem::take(&mut trapped))),
            Message::User(Ask::Link(to, done)) => {
                ctx.link(to).unwrap();
                let _ = done.send(());
            }
            Message::Exit(exit) => trapped.push((exit.from, exit.reason)),
            _ => unreachable!("it monitors nobody"),
        }
    }
}

fn collector(system: &System, trapping: bool) -> ProcessRef<Ask> {
    system.spawn_with(SpawnOptions::new().trap_exit(trapping), collect).unwrap().process
}

/// What the process has trapped since it was last asked; `Err` if it has ended.
async fn trapped(process: &ProcessRef<Ask>) -> Result<Vec<(Pid, ExitReason)>, ExitReason> {
    let (answer, trapped) = oneshot::channel();
    let _ = process.send(Ask::Trapped(answer)).await;
    match trapped.await {
        Ok(trapped) => Ok(trapped),
        Err(oneshot::Canceled) => Err(process.exited().await),
    }
}

/// Has `from` link itself to `to`.
async fn link(from: &ProcessRef<Ask>, to: &ProcessRef<Ask>) {
    let (done, linked) = oneshot::channel();
    assert!(from.send(Ask::Link(to.pid(), done)).await.is_ok());
    linked.await.unwrap();
}

/// What the rules say about a signal.
fn outcome(
    reason: &ExitReason,
    from: Pid,
    trapping: bool,
    ignores_normal: bool,
) -> Result<Vec<(Pid, ExitReason)>, ExitReason> {
    match reason {
        ExitReason::Kill => Err(ExitReason::Killed),
        reason if trapping => Ok(vec![(from, reason.clone())]),
        ExitReason::Normal if ignores_normal => Ok(vec![]),
        reason => Err(reason.clone()),
    }
}

// SIG-1 (rows 1, 5, 7), SIG-2 (rows 2, 6, 7)
#[otp::test]
async fn a_signal_from_another_process_acts_as_the_table_says(system: System) {
    for reason in reasons() {
        for trapping in [false, true] {
            let target = collector(&system, trapping);
            let (to, why) = (target.clone(), reason.clone());
            let sender = inside(&system, async move |ctx: ProcessContext<()>| {
                ctx.system().exit(to.pid(), why);
                ctx.pid()
            })
            .await;
            assert_eq!(trapped(&target).await, outcome(&reason, sender, trapping, true), "{reason} {trapping}");
        }
    }
}

#[otp::test]
async fn a_signal_from_outside_any_process_comes_from_the_system(system: System) {
    let target = collector(&system, true);
    target.exit(ExitReason::Shutdown);
    assert_eq!(trapped(&target).await, Ok(vec![(Pid::SYSTEM, ExitReason::Shutdown)]));
}

// SIG-3 (rows 3, 5, 7), SIG-4 (rows 4, 6, 7)
#[otp::test]
async fn a_signal_to_oneself_acts_as_the_table_says(system: System) {
    for reason in reasons() {
        for trapping in [false, true] {
            let own = reason.clone();
            let options = SpawnOptions::new().trap_exit(trapping);
            let body = async move |ctx: ProcessContext<Ask>| {
                ctx.this().exit(own);
                collect(ctx).await;
            };
            let target = system.spawn_with(options, body).unwrap().process;
            let expected = outcome(&reason, target.pid(), trapping, false);
            idle(&target).await;
            assert_eq!(trapped(&target).await, expected, "{reason} {trapping}");
        }
    }
}

// SIG-5
#[otp::test]
async fn a_signal_to_a_linked_process_acts_as_one_to_any_other(system: System) {
    for reason in reasons() {
        for trapping in [false, true] {
            let target = collector(&system, trapping);
            let (to, why) = (target.clone(), reason.clone());
            let (sender, seen) = inside(&system, async move |ctx: ProcessContext<()>| {
                ctx.trap_exit(true);
                ctx.link(to.pid()).unwrap();
                ctx.system().exit(to.pid(), why);
                let seen = trapped(&to).await;
                ctx.unlink(to.pid());
                (ctx.pid(), seen)
            })
            .await;
            assert_eq!(seen, outcome(&reason, sender, trapping, true), "{reason} {trapping}");
        }
    }
}

// SIG-6 (rows 8, 10), SIG-7 (rows 9, 11), SIG-9
#[otp::test]
async fn the_end_of_a_linked_process_acts_as_the_table_says(system: System) {
    for reason in reasons() {
        for trapping in [false, true] {
            let target = collector(&system, trapping);
            let (to, why) = (target.pid(), reason.clone());
            let peer = system.spawn(async move |ctx: ProcessContext<()>| {
                ctx.link(to).unwrap();
                why
            });
            assert_eq!(peer.exited().await, reason);
            let expected = match &reason {
                reason if trapping => Ok(vec![(peer.pid(), reason.clone())]),
                ExitReason::Normal => Ok(vec![]),
                // Also `Kill`: through a link it is a reason like any other.
                reason => Err(reason.clone()),
            };
            assert_eq!(trapped(&target).await, expected, "{reason} {trapping}");
            if let Some(info) = system.info(to) {
                assert!(info.links.is_empty(), "the link is gone");
            }
        }
    }
}

// SIG-8
#[otp::test]
async fn a_killed_process_passes_killed_on(system: System) {
    for trapping in [false, true] {
        let (first, neighbour) = (collector(&system, false), collector(&system, trapping));
        link(&neighbour, &first).await;
        first.exit(ExitReason::Kill);
        assert_eq!(first.exited().await, ExitReason::Killed);
        let expected = if trapping { Ok(vec![(first.pid(), ExitReason::Killed)]) } else { Err(ExitReason::Killed) };
        assert_eq!(trapped(&neighbour).await, expected);
    }
}

// SIG-8, SIG-15
#[otp::test]
async fn an_exit_runs_through_plain_processes_with_its_reason_and_stops_at_a_trapping_one(system: System) {
    for (signal, seen) in
        [(ExitReason::Kill, ExitReason::Killed), (ExitReason::other("gone"), ExitReason::other("gone"))]
    {
        let (end, beyond) = (collector(&system, true), collector(&system, false));
        link(&end, &beyond).await;
        let chain: Vec<_> = (0..10).map(|_| collector(&system, false)).collect();
        link(&chain[0], &end).await;
        for pair in chain.windows(2) {
            link(&pair[1], &pair[0]).await;
        }
        chain[9].exit(signal);
        for process in &chain {
            assert_eq!(process.exited().await, seen);
        }
        assert_eq!(trapped(&end).await, Ok(vec![(chain[0].pid(), seen)]));
        assert_eq!(trapped(&beyond).await, Ok(vec![]));
    }
}

// SIG-15, SIG-16
#[otp::test]
async fn all_processes_linked_to_one_end_with_it_in_any_order(system: System) {
    let hub = collector(&system, false);
    let mut ends = Vec::new();
    for _ in 0..20 {
        let spoke = collector(&system, false);
        link(&spoke, &hub).await;
        ends.push(spoke.exited());
    }
    hub.exit(ExitReason::other("hub"));
    assert_eq!(futures::future::join_all(ends).await, vec![ExitReason::other("hub"); 20]);
}

// SIG-10 (rows 12, 13)
#[otp::test]
async fn a_link_to_a_dead_process_fails_or_is_trapped(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        let dead = ctx.spawn(async |_: ProcessContext<()>| {});
        dead.exited().await;
        let error: LinkError = ctx.link(dead.pid()).unwrap_err();
        assert_eq!((error.from, error.to), (ctx.pid(), dead.pid()));
        assert_eq!(error.to_string(), format!("cannot link {} to {}: no such process", ctx.pid(), dead.pid()));
        ctx.trap_exit(true);
        assert_eq!(ctx.link(dead.pid()), Ok(()));
        let exit = exit(ctx.receive().await);
        assert_eq!((exit.from, exit.reason), (dead.pid(), ExitReason::NoProc));
    })
    .await;
}

// SIG-11
#[otp::test]
async fn there_is_one_link_between_two_processes_however_often_it_is_made(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        let me = ctx.pid();
        let peer = ctx.spawn_link(async move |ctx: ProcessContext<ExitReason>| {
            ctx.link(me).unwrap();
            ctx.link(me).unwrap();
            obey(ctx).await
        });
        ctx.link(peer.pid()).unwrap();
        idle(&peer).await;
        assert_eq!(ctx.system().info(me).unwrap().links, [peer.pid()]);
        peer.send(ExitReason::other("one")).await.unwrap();
        assert_eq!(exit(ctx.receive().await).from, peer.pid());
        peer.exited().await;
        assert_eq!(ctx.try_receive_match(|_| true), None);
    })
    .await;
}

// SIG-11, SIG-13
#[otp::test]
async fn one_unlink_from_either_side_removes_the_link(system: System) {
    let unlinks = async |ctx: ProcessContext<ExitReason>| {
        ctx.unlink(ctx.parent());
        obey(ctx).await
    };
    inside(&system, async move |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        let first = ctx.spawn_link(obey);
        ctx.link(first.pid()).unwrap();
        ctx.unlink(first.pid());
        let second = ctx.spawn_link(unlinks);
        idle(&second).await;
        assert!(ctx.system().info(ctx.pid()).unwrap().links.is_empty());
        for peer in [first, second] {
            peer.send(ExitReason::other("unheard")).await.unwrap();
            peer.exited().await;
        }
        assert_eq!(ctx.try_receive_match(|_| true), None);
    })
    .await;
}

// SIG-12
#[otp::test]
async fn a_link_to_oneself_has_no_effect(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        ctx.link(ctx.pid()).unwrap();
        assert!(ctx.system().info(ctx.pid()).unwrap().links.is_empty());
        ctx.trap_exit(true);
        ctx.link(ctx.pid()).unwrap();
        ctx.unlink(ctx.pid());
        assert_eq!(ctx.try_receive_match(|_| true), None);
    })
    .await;
}

// SIG-13
#[otp::test]
async fn nothing_of_a_link_arrives_after_unlink_has_returned(system: System) {
    // The peer ends while it is unlinked: what is in the mailbox then is all that ever comes.
    inside(&system, async |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        for _ in 0..500 {
            let peer = ctx.spawn_link(async |_: ProcessContext<()>| ExitReason::other("racing"));
            ctx.unlink(peer.pid());
            let before = ctx.try_receive_match(|_| true);
            assert!(before.is_none_or(|message| exit(message).reason == ExitReason::other("racing")));
            peer.exited().await;
            assert_eq!(ctx.try_receive_match(|_| true), None);
        }
    })
    .await;
}

// SIG-13
#[otp::test]
async fn an_exit_that_has_arrived_stays_when_the_link_is_removed(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        let peer = ctx.spawn_link(async |_: ProcessContext<()>| ExitReason::other("early"));
        peer.exited().await;
        ctx.unlink(peer.pid());
        assert_eq!(exit(ctx.receive().await).from, peer.pid());
    })
    .await;
}

// SIG-14
#[otp::test]
async fn whoever_is_not_linked_can_be_unlinked(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        let stranger = ctx.spawn(obey);
        ctx.unlink(stranger.pid());
        assert!(stranger.is_alive());
        stranger.exit(ExitReason::Kill);
        stranger.exited().await;
        ctx.unlink(stranger.pid());
        assert_eq!(ctx.try_receive_match(|_| true), None);
    })
    .await;
}

// SIG-17
#[otp::test]
async fn trapping_is_decided_when_the_signal_arrives(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u8>| {
        assert!(!ctx.traps_exits());
        assert!(!ctx.trap_exit(true), "the old value");
        assert!(ctx.trap_exit(true));
        let peer = ctx.spawn_link(async |_: ProcessContext<()>| ExitReason::other("trapped"));
        peer.exited().await;
        assert!(ctx.trap_exit(false));
        assert!(!ctx.traps_exits());
        ctx.this().send(1).await.unwrap();
        assert_eq!(exit(ctx.receive().await).reason, ExitReason::other("trapped"), "it stays a message");
        assert_eq!(user(ctx.receive().await), 1);
    })
    .await;
    let plain = system.spawn(async |ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        ctx.trap_exit(false);
        ctx.spawn_link(async |_: ProcessContext<()>| ExitReason::other("not trapped"));
        std::future::pending::<()>().await;
    });
    assert_eq!(plain.exited().await, ExitReason::other("not trapped"));
}

// SIG-18
#[otp::test]
async fn the_first_signal_that_is_not_ignored_decides_the_reason(system: System) {
    for _ in 0..50 {
        let target = system.spawn(otp_suite::forever::<()>);
        let exited = target.exited();
        inside(&system, async move |ctx: ProcessContext<()>| {
            for reason in [ExitReason::Normal, ExitReason::other("aaa"), ExitReason::Kill, ExitReason::other("bbb")] {
                ctx.system().exit(target.pid(), reason);
            }
        })
        .await;
        assert_eq!(exited.await, ExitReason::other("aaa"));
    }
}

// SIG-19
#[otp::test]
async fn shutdown_then_kill_ends_a_trapping_process_with_killed(system: System) {
    let deaf = collector(&system, true);
    deaf.exit(ExitReason::Shutdown);
    assert_eq!(trapped(&deaf).await, Ok(vec![(Pid::SYSTEM, ExitReason::Shutdown)]));
    deaf.exit(ExitReason::Kill);
    assert_eq!(deaf.exited().await, ExitReason::Killed);
}

// SIG-20
#[otp::test]
async fn an_exit_signal_returns_at_once_whether_the_target_is_alive_or_not(system: System) {
    let target = collector(&system, false);
    let exited = target.exited();
    for _ in 0..3 {
        system.exit(target.pid(), ExitReason::other("asked"));
    }
    assert_eq!(exited.await, ExitReason::other("asked"));
    system.exit(target.pid(), ExitReason::Kill);
    system.exit(Pid::SYSTEM, ExitReason::Kill);
    assert_eq!(system.spawn(async |_: ProcessContext<()>| {}).exited().await, ExitReason::Normal);
}

// SIG-11
#[otp::test]
async fn two_processes_that_link_each_other_at_the_same_time_end_up_linked(system: System) {
    for _ in 0..100 {
        let (a, b) = (collector(&system, false), collector(&system, true));
        futures::join!(link(&a, &b), link(&b, &a));
        a.exit(ExitReason::other("both"));
        assert_eq!(a.exited().await, ExitReason::other("both"));
        assert_eq!(trapped(&b).await, Ok(vec![(a.pid(), ExitReason::other("both"))]));
    }
}

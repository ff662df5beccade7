//! The order of signals: SPEC §4.

use futures::channel::oneshot;
use otp::process::SpawnOptions;
use otp::{Address, ExitReason, Message, Name, ProcessContext, ProcessRef, System};
use otp_suite::{down, exit, idle, inside, user};

// ORD-1
#[otp::test]
async fn messages_from_one_sender_keep_their_order(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let me = ctx.this();
        ctx.spawn(async move |_: ProcessContext<()>| {
            for n in 0..20_000 {
                me.send(n).await.unwrap();
            }
        });
        for n in 0..20_000 {
            assert_eq!(user(ctx.receive().await), n);
        }
    })
    .await;
}

// ORD-1; ORD-2 promises nothing between the senders
#[otp::test]
async fn each_of_several_senders_keeps_its_own_order(system: System) {
    for limit in [None, Some(1), Some(7)] {
        let (tell, received) = oneshot::channel();
        let body = async move |mut ctx: ProcessContext<(usize, u32)>| {
            let mut next = [0; 8];
            for _ in 0..8 * 500 {
                let (sender, n) = user(ctx.receive().await);
                assert_eq!(n, next[sender]);
                next[sender] += 1;
            }
            let _ = tell.send(next);
        };
        let options = limit.map_or(SpawnOptions::new(), |limit| SpawnOptions::new().mailbox(limit));
        let target = system.spawn_with(options, body).unwrap().process;
        for sender in 0..8 {
            let target = target.clone();
            system.spawn(async move |_: ProcessContext<()>| {
                for n in 0..500 {
                    target.send((sender, n)).await.unwrap();
                }
            });
        }
        assert_eq!(received.await, Ok([500; 8]));
    }
}

// ORD-1
#[otp::test]
async fn messages_and_signals_from_one_process_arrive_in_the_order_sent(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u8>| {
        ctx.trap_exit(true);
        for _ in 0..100 {
            let me = ctx.this();
            let sender = ctx.spawn_link(async move |ctx: ProcessContext<()>| {
                me.send(1).await.unwrap();
                me.exit(ExitReason::other("two"));
                me.send(3).await.unwrap();
                ctx.system().exit(me.pid(), ExitReason::Normal);
                me.try_send(5).unwrap();
                ExitReason::other("six")
            });
            assert_eq!(user(ctx.receive().await), 1);
            assert_eq!(exit(ctx.receive().await).reason, ExitReason::other("two"));
            assert_eq!(user(ctx.receive().await), 3);
            assert_eq!(exit(ctx.receive().await).reason, ExitReason::Normal);
            assert_eq!(user(ctx.receive().await), 5);
            let last = exit(ctx.receive().await);
            assert_eq!((last.from, last.reason), (sender.pid(), ExitReason::other("six")));
        }
    })
    .await;
}

// ORD-3
#[otp::test]
async fn sending_by_name_and_by_reference_keep_their_mutual_order(system: System) {
    const NAME: Name<u32> = Name::new("both ways");
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        ctx.system().register(&NAME, &ctx.this()).unwrap();
        let me = ctx.this();
        ctx.spawn(async move |ctx: ProcessContext<()>| {
            let by_name = Address::named(ctx.system(), NAME);
            for n in 0..1000 {
                match n % 3 {
                    0 => me.send(n).await.unwrap(),
                    1 => by_name.send(n).await.unwrap(),
                    _ => by_name.try_send(n).unwrap(),
                }
            }
        });
        for n in 0..1000 {
            assert_eq!(user(ctx.receive().await), n);
        }
    })
    .await;
}

// ORD-5
#[otp::test]
async fn a_trapped_exit_waits_its_turn_and_an_untrapped_one_does_not(system: System) {
    for trapping in [false, true] {
        let (go_on, wait) = oneshot::channel::<()>();
        let (tell, seen) = async_channel::unbounded();
        let options = SpawnOptions::new().trap_exit(trapping);
        let body = async move |mut ctx: ProcessContext<u8>| {
            let _ = wait.await;
            loop {
                match ctx.receive().await {
                    Message::User(n) => tell.try_send(n).unwrap(),
                    Message::Exit(exit) => return exit.reason,
                    other => panic!("{other:?}"),
                }
            }
        };
        let process = system.spawn_with(options, body).unwrap().process;
        idle(&process).await;
        for n in [1, 2, 3] {
            process.send(n).await.unwrap();
        }
        process.exit(ExitReason::other("stop"));
        let _ = go_on.send(());
        assert_eq!(process.exited().await, ExitReason::other("stop"));
        let seen: Vec<u8> = std::iter::from_fn(|| seen.try_recv().ok()).collect();
        assert_eq!(seen, if trapping { vec![1, 2, 3] } else { vec![] });
    }
}

// ORD-6
#[otp::test]
async fn the_name_of_a_process_is_free_when_its_end_is_seen_however_it_is_seen(system: System) {
    const NAME: Name<()> = Name::new("passed on");
    inside(&system, async |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        let system = ctx.system().clone();
        for round in 0..300 {
            let options = SpawnOptions::new().name(NAME);
            let options = if round % 3 == 0 { options.link() } else { options.monitor() };
            let process = ctx.spawn_with(options, async |_: ProcessContext<()>| {}).unwrap().process;
            match round % 3 {
                0 => assert_eq!(exit(ctx.receive().await).from, process.pid()),
                1 => assert_eq!(down(ctx.receive().await).target, (&process).into()),
                _ => {
                    assert_eq!(process.exited().await, ExitReason::Normal);
                    assert_eq!(system.whereis(&NAME).unwrap(), None);
                    assert_eq!(down(ctx.receive().await).target, (&process).into());
                }
            }
            assert_eq!(system.whereis(&NAME).unwrap(), None);
        }
    })
    .await;
}

// ORD-6: whoever asks at any moment, the name is free once the process is dead.
#[otp::test]
async fn a_process_that_is_dead_holds_no_name(system: System) {
    const NAME: Name<()> = Name::new("held by the living");
    let holders: ProcessRef<()> = system.spawn(async |ctx: ProcessContext<()>| {
        for _ in 0..2000 {
            let options = SpawnOptions::new().name(NAME);
            let holder = ctx.spawn_with(options, async |_: ProcessContext<()>| {}).unwrap().process;
            holder.exited().await;
        }
    });
    while holders.is_alive() {
        if let Some(holder) = system.whereis(&NAME).unwrap()
            && !holder.is_alive()
        {
            assert_ne!(system.whereis(&NAME).unwrap(), Some(holder));
        }
        otp::process::yield_now().await;
    }
    assert_eq!(holders.exited().await, ExitReason::Normal);
}

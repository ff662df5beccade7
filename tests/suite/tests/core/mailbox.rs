//! Mailboxes, selective receive, and bounds: SPEC §5.

use std::pin::pin;
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::{Either, pending, select};
use futures::stream::{FuturesUnordered, StreamExt};
use futures::{FutureExt, poll};
use otp::process::{MessageRef, SpawnOptions, TrySendError};
use otp::{ExitReason, Message, ProcessContext, ProcessRef, System};
use otp_suite::{begin, down, exit, idle, inside, obey, user};

/// A process with a bounded mailbox that receives a message for each `()` it gets from the channel, and hands it on.
fn taker(system: &System, limit: usize) -> (ProcessRef<u32>, async_channel::Sender<()>, async_channel::Receiver<u32>) {
    let (take, taken) = async_channel::unbounded();
    let (hand, handed) = async_channel::unbounded();
    let body = async move |mut ctx: ProcessContext<u32>| {
        while taken.recv().await.is_ok() {
            hand.try_send(user(ctx.receive().await)).unwrap();
        }
    };
    (system.spawn_with(SpawnOptions::new().mailbox(limit), body).unwrap().process, take, handed)
}

// MBX-1
#[otp::test]
async fn a_selective_receive_takes_the_first_match_and_leaves_the_rest_in_order(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        for n in 0..10 {
            ctx.this().send(n).await.unwrap();
        }
        let odd = |message: MessageRef<'_, u32>| matches!(message, MessageRef::User(n) if n % 2 == 1);
        assert_eq!(user(ctx.receive_match(odd).await), 1);
        assert_eq!(user(ctx.receive_match(odd).await), 3);
        for n in [0, 2, 4, 5, 6, 7, 8, 9] {
            assert_eq!(user(ctx.receive().await), n);
        }
        assert_eq!(ctx.try_receive_match(|_| true), None);
    })
    .await;
}

// MBX-1
#[otp::test]
async fn a_selective_receive_looks_at_each_message_once(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let me = ctx.this();
        ctx.spawn(async move |ctx: ProcessContext<()>| {
            for n in 0..1000 {
                me.send(n).await.unwrap();
                if n % 10 == 0 {
                    ctx.yield_now().await;
                }
            }
        });
        let mut looks = 0;
        let last = ctx.receive_match(|message| {
            looks += 1;
            matches!(message, MessageRef::User(999))
        });
        assert_eq!(user(last.await), 999);
        assert_eq!(looks, 1000);
        for n in 0..999 {
            assert_eq!(user(ctx.receive().await), n);
        }
    })
    .await;
}

// MBX-1
#[otp::test]
async fn a_selective_receive_can_wait_for_signals(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        ctx.trap_exit(true);
        ctx.this().send(1).await.unwrap();
        let peer = ctx.spawn_link(obey);
        let monitor = ctx.monitor(&peer);
        peer.send(ExitReason::other("over")).await.unwrap();
        let told = ctx.receive_match(|message| matches!(message, MessageRef::Down(down) if down.monitor == monitor));
        assert_eq!(down(told.await).reason, ExitReason::other("over"));
        let told = ctx.receive_match(|message| matches!(message, MessageRef::Exit(_)));
        assert_eq!(exit(told.await).from, peer.pid());
        assert_eq!(user(ctx.receive().await), 1);
    })
    .await;
}

// MBX-2
#[otp::test]
async fn a_receive_without_patience_looks_at_the_whole_mailbox_once(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        assert_eq!(ctx.receive_timeout(Duration::ZERO).await, None);
        // More than a process receives before it lets others run.
        for n in 0..300 {
            ctx.this().send(n).await.unwrap();
        }
        let wanted = |n| move |message: MessageRef<'_, u32>| matches!(message, MessageRef::User(m) if *m == n);
        assert_eq!(ctx.receive_match_timeout(wanted(299), Duration::ZERO).await, Some(Message::User(299)));
        assert_eq!(ctx.receive_match_timeout(wanted(300), Duration::ZERO).await, None);
        for n in 0..299 {
            assert_eq!(ctx.receive_timeout(Duration::ZERO).await, Some(Message::User(n)));
        }
        assert_eq!(ctx.receive_timeout(Duration::ZERO).await, None);
    })
    .await;
}

// MBX-3
#[otp::test]
async fn a_timed_receive_that_finds_nothing_waits_its_time_and_leaves_all_as_it_was(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        for n in [1, 2, 3] {
            ctx.this().send(n).await.unwrap();
        }
        for millis in [5, 1, 3] {
            let limit = Duration::from_millis(millis);
            let start = ctx.system().now();
            assert_eq!(ctx.receive_match_timeout(|_| false, limit).await, None);
            assert!(ctx.system().now() - start >= limit);
        }
        for n in [1, 2, 3] {
            assert_eq!(user(ctx.receive().await), n);
        }
    })
    .await;
}

// MBX-4
#[otp::test]
async fn a_mailbox_without_a_bound_takes_whatever_comes(system: System) {
    let (go_on, wait) = oneshot::channel::<()>();
    let process = system.spawn(async move |mut ctx: ProcessContext<u32>| {
        let _ = wait.await;
        for n in 0..100_000 {
            assert_eq!(user(ctx.receive().await), n);
        }
    });
    for n in 0..100_000 {
        assert_eq!(process.send(n).now_or_never(), Some(Ok(())));
    }
    assert_eq!(system.info(process.pid()).unwrap().queue, 100_000);
    go_on.send(()).unwrap();
    assert_eq!(process.exited().await, ExitReason::Normal);
}

// MBX-1
#[otp::test]
async fn a_flood_is_searched_to_its_end_and_a_mark_is_behind_all_of_it(system: System) {
    const FLOOD: u32 = 10_000;
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let own = ctx.this();
        (0..FLOOD).for_each(|n| own.try_send(n).unwrap());
        assert_eq!(user(ctx.receive().await), 0);
        let mark = ctx.mark();
        (FLOOD..2 * FLOOD).for_each(|n| own.try_send(n).unwrap());
        assert_eq!(user(ctx.receive_match_after(mark, |_| true).await), FLOOD);
        let last = |message: MessageRef<'_, u32>| matches!(message, MessageRef::User(n) if *n == 2 * FLOOD - 1);
        assert_eq!(user(ctx.receive_match(last).await), 2 * FLOOD - 1);
        assert_eq!(ctx.system().info(ctx.pid()).unwrap().queue, 2 * FLOOD as usize - 3);
        for n in (1..FLOOD).chain(FLOOD + 1..2 * FLOOD - 1) {
            assert_eq!(user(ctx.receive().await), n);
        }
    })
    .await;
}

#[otp::test]
async fn a_send_to_a_full_mailbox_waits_and_a_try_send_gives_the_message_back(system: System) {
    let (process, take, taken) = taker(&system, 2);
    process.try_send(1).unwrap();
    process.send(2).await.unwrap();
    let full = process.try_send(3).unwrap_err();
    assert_eq!(full.to_string(), format!("cannot send to {}: its mailbox is full", process.pid()));
    assert!(matches!(full, TrySendError::Full { message: 3, .. }), "{full:?}");
    let mut third = pin!(process.send(3));
    assert!(begin(&mut third).await.is_pending());
    take.send(()).await.unwrap();
    third.await.unwrap();
    assert!(process.try_send(4).is_err(), "full again");
    for n in [1, 2, 3] {
        take.send(()).await.unwrap();
        assert_eq!(taken.recv().await, Ok(n));
    }
}

#[otp::test]
async fn waiting_senders_get_room_in_the_order_in_which_they_came(system: System) {
    let (process, take, taken) = taker(&system, 1);
    process.send(0).await.unwrap();
    let mut senders = Vec::new();
    for n in 1..=20 {
        let to = process.clone();
        let sender = system.spawn(async move |_: ProcessContext<()>| to.send(n).await.unwrap());
        idle(&sender).await;
        senders.push(sender);
    }
    for n in 0..=20 {
        assert!(process.try_send(99).is_err(), "nobody overtakes those who wait");
        take.send(()).await.unwrap();
        assert_eq!(taken.recv().await, Ok(n));
        if let Some(sender) = senders.get(n as usize) {
            assert_eq!(sender.exited().await, ExitReason::Normal);
        }
    }
    process.try_send(21).unwrap();
}

#[otp::test]
async fn a_sender_that_stops_waiting_leaves_its_place_to_the_next(system: System) {
    let (process, take, taken) = taker(&system, 1);
    process.send(0).await.unwrap();
    let mut first = Box::pin(process.send(1));
    let mut second = Box::pin(process.send(2));
    let mut third = Box::pin(process.send(3));
    let mut fourth = Box::pin(process.send(4));
    for sending in [&mut first, &mut second, &mut third, &mut fourth] {
        assert!(begin(sending).await.is_pending());
    }
    // One that waits, and one that has been given room and has not used it.
    drop(second);
    take.send(()).await.unwrap();
    assert_eq!(taken.recv().await, Ok(0));
    drop(first);
    third.await.unwrap();
    assert!(poll!(&mut fourth).is_pending());
    take.send(()).await.unwrap();
    assert_eq!(taken.recv().await, Ok(3));
    fourth.await.unwrap();
    take.send(()).await.unwrap();
    assert_eq!(taken.recv().await, Ok(4));
}

#[otp::test]
async fn senders_that_wait_get_their_message_back_when_the_process_ends(system: System) {
    let (process, _take, _taken) = taker(&system, 1);
    process.send(0).await.unwrap();
    let mut waiting: Vec<_> = (1..=5).map(|n| Box::pin(process.send(n))).collect();
    for sending in &mut waiting {
        assert!(begin(sending).await.is_pending());
    }
    process.exit(ExitReason::Kill);
    for (sending, n) in waiting.into_iter().zip(1..) {
        assert_eq!(sending.await.unwrap_err().into_message(), n);
    }
    assert!(matches!(process.try_send(6), Err(TrySendError::NoProc { message: 6, .. })));
}

#[otp::test]
async fn signals_are_never_refused_and_take_no_room(system: System) {
    let (go_on, wait) = oneshot::channel::<()>();
    let (tell, watches) = oneshot::channel();
    let options = SpawnOptions::new().mailbox(1).trap_exit(true);
    let body = async move |mut ctx: ProcessContext<u32>| {
        let peers: Vec<_> = (0..10).map(|_| ctx.spawn_link(obey)).collect();
        for peer in &peers {
            ctx.monitor(peer);
        }
        let _ = tell.send(peers);
        let _ = wait.await;
        assert_eq!(ctx.system().info(ctx.pid()).unwrap().queue, 21);
        let (mut users, mut exits, mut downs) = (0, 0, 0);
        for _ in 0..21 {
            match ctx.receive().await {
                Message::User(_) => users += 1,
                Message::Exit(_) => exits += 1,
                Message::Down(_) => downs += 1,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!((users, exits, downs), (1, 10, 10));
    };
    let process = system.spawn_with(options, body).unwrap().process;
    let peers = watches.await.unwrap();
    let (before, after) = peers.split_at(5);
    for peer in before {
        peer.exit(ExitReason::Shutdown);
        peer.exited().await;
    }
    process.try_send(1).expect("signals do not count");
    assert!(process.try_send(2).is_err());
    for peer in after {
        peer.exit(ExitReason::Shutdown);
        peer.exited().await;
    }
    go_on.send(()).unwrap();
    assert_eq!(process.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_bound_counts_what_the_process_has_not_received_yet(system: System) {
    inside(&system, async |ctx: ProcessContext<()>| {
        let body = async |mut ctx: ProcessContext<u32>| {
            let me = ctx.this();
            for n in 0..4 {
                me.try_send(n).unwrap();
            }
            // It skips three and takes one out of the middle: they are all taken over from the senders.
            let third = ctx.receive_match(|message| matches!(message, MessageRef::User(2))).await;
            assert_eq!(user(third), 2);
            me.try_send(4).unwrap();
            assert!(me.try_send(5).is_err());
            for n in [0, 1, 3, 4] {
                assert_eq!(user(ctx.receive().await), n);
            }
            for n in 0..4 {
                me.try_send(n).unwrap();
            }
            assert!(me.try_send(4).is_err());
        };
        let bounded = ctx.spawn_with(SpawnOptions::new().mailbox(4), body).unwrap();
        assert_eq!(bounded.process.exited().await, ExitReason::Normal);
    })
    .await;
}

#[otp::test]
async fn a_receive_that_is_given_up_loses_no_message(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        for n in 0..100 {
            {
                let mut receive = pin!(ctx.receive());
                assert!(poll!(&mut receive).is_pending());
            }
            ctx.this().send(n).await.unwrap();
            {
                // Made, and dropped without a poll.
                let _never = ctx.receive();
            }
            let mut timed = Box::pin(ctx.receive_match_timeout(|_| false, Duration::from_secs(60)));
            assert!(poll!(&mut timed).is_pending());
            drop(timed);
            assert_eq!(user(ctx.receive().await), n);
        }
    })
    .await;
}

#[otp::test]
async fn a_timeout_that_fires_as_a_message_arrives_loses_nothing(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        const ALL: u32 = 100;
        let me = ctx.this();
        let patience = Duration::from_millis(1);
        ctx.spawn(async move |ctx: ProcessContext<()>| {
            for n in 0..ALL {
                ctx.system().sleep(patience).await;
                me.send(n).await.unwrap();
            }
        });
        let mut next = 0;
        while next < ALL {
            if let Some(message) = ctx.receive_timeout(patience).await {
                assert_eq!(user(message), next);
                next += 1;
            }
        }
    })
    .await;
}

#[otp::test]
async fn a_message_wakes_a_receive_inside_a_select(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let me = ctx.this();
        for n in 0..50 {
            let to = me.clone();
            ctx.spawn(async move |_: ProcessContext<()>| to.send(n).await.unwrap());
            match select(pin!(ctx.receive()), pending::<()>()).await {
                Either::Left((message, _)) => assert_eq!(user(message), n),
                Either::Right(_) => unreachable!("it never ends"),
            }
        }
    })
    .await;
}

#[otp::test]
async fn a_message_wakes_a_receive_inside_futures_with_wakers_of_their_own(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let me = ctx.this();
        for n in 0..200 {
            let to = me.clone();
            let sender = ctx.spawn(async move |_: ProcessContext<()>| to.send(n).await.unwrap());
            let mut both = FuturesUnordered::new();
            both.push(ctx.receive().map(user).boxed());
            both.push(pending().boxed());
            assert_eq!(both.next().await, Some(n));
            drop(both);
            let (_, message) = futures::join!(sender.exited(), async {
                me.send(n + 1).await.unwrap();
                ctx.receive().await
            });
            assert_eq!(user(message), n + 1);
        }
    })
    .await;
}

#[otp::test]
async fn a_task_may_receive_in_place_of_the_process(system: System) {
    // More messages than a process receives before it lets others run.
    let process = system.spawn(async |ctx: ProcessContext<u32>| {
        let (tell, told) = oneshot::channel();
        ctx.scope().spawn(async move {
            let mut ctx = ctx;
            for n in 0..1000 {
                assert_eq!(user(ctx.receive().await), n);
            }
            let _ = tell.send(());
        });
        told.await.unwrap();
    });
    for n in 0..1000 {
        process.send(n).await.unwrap();
    }
    assert_eq!(process.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_receive_after_a_mark_takes_what_came_later_also_when_older_mail_was_received_since(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let own = ctx.this();
        let send = |n| own.try_send(n).unwrap();
        (1..=3).for_each(send);
        let mark = ctx.mark();
        (4..=5).for_each(send);
        assert_eq!(user(ctx.receive_match_after(mark, |_| true).await), 4);
        // What is received of the older mail makes the mark look at less of it as older, never at more.
        assert_eq!(user(ctx.receive().await), 1);
        let at_least =
            |least: u32| move |message: MessageRef<'_, u32>| matches!(message, MessageRef::User(n) if *n >= least);
        assert_eq!(user(ctx.receive_match_after(mark, at_least(4)).await), 5);
        let late = ctx.receive_match_after_timeout(mark, at_least(4), Duration::ZERO).await;
        assert_eq!(late, None, "there is nothing that is newer");
        assert_eq!([user(ctx.receive().await), user(ctx.receive().await)], [2, 3]);
    })
    .await;
}

#[otp::test]
async fn a_receive_after_a_mark_waits_for_what_has_not_come_and_a_flushed_down_is_no_longer_counted(system: System) {
    inside(&system, async |mut ctx: ProcessContext<u32>| {
        let ended = ctx.spawn(async |_: ProcessContext<()>| {});
        ended.exited().await;
        let monitor = ctx.monitor(ended.pid());
        ctx.this().try_send(1).unwrap();
        let mark = ctx.mark();
        ctx.demonitor_flush(monitor);
        let (own, mut receive) =
            (ctx.this(), pin!(ctx.receive_match_after(mark, |m| matches!(m, MessageRef::User(n) if *n > 1))));
        assert!(poll!(receive.as_mut()).is_pending());
        own.try_send(2).unwrap();
        assert_eq!(user(receive.await), 2);
    })
    .await;
}

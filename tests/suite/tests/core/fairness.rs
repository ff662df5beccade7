//! Nobody waits for a neighbour that is never done, and nothing is queued behind a backlog that must not be.

use std::time::Duration;

use futures::channel::oneshot;
use otp::process::SpawnOptions;
use otp::runtime::Task;
use otp::{Call, ExitReason, Message, Process, ProcessContext, ReplyTo, System};
use otp_suite::{inside, obey, until, user};

/// How many messages a process receives or sends before it lets others run, as its documentation says.
const BUDGET: u64 = Process::BUDGET as u64;

#[otp::test]
async fn processes_that_send_to_themselves_for_ever_do_not_starve_others(system: System) {
    // More of them than there are threads.
    let busy: Vec<_> = (0..8)
        .map(|_| {
            system.spawn(async |mut ctx: ProcessContext<()>| {
                let me = ctx.this();
                me.send(()).await.unwrap();
                loop {
                    ctx.receive().await;
                    me.send(()).await.unwrap();
                }
            })
        })
        .collect();
    for n in 0..100 {
        let answer = inside(&system, async move |mut ctx: ProcessContext<u32>| {
            ctx.this().send(n).await.unwrap();
            user(ctx.receive().await)
        });
        assert_eq!(answer.await, n);
    }
    for process in busy {
        assert!(process.is_alive());
        process.exit(ExitReason::Shutdown);
        assert_eq!(process.exited().await, ExitReason::Shutdown);
    }
}

#[otp::test]
async fn a_process_that_only_sends_neither_starves_others_nor_outlives_a_kill(system: System) {
    let sink = system.spawn(async |mut ctx: ProcessContext<()>| {
        loop {
            ctx.receive().await;
        }
    });
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let sink = sink.clone();
            system.spawn(async move |_: ProcessContext<()>| {
                loop {
                    sink.send(()).await.unwrap();
                }
            })
        })
        .collect();
    assert_eq!(system.spawn(async |_: ProcessContext<()>| {}).exited().await, ExitReason::Normal);
    until(|| system.info(sink.pid()).unwrap().handled > 10 * BUDGET).await;
    for sender in senders {
        sender.exit(ExitReason::Kill);
        assert_eq!(sender.exited().await, ExitReason::Killed);
    }
}

// A simulator decides itself how often a process lets others run.
#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_process_lets_others_run_after_a_number_of_messages(system: System) {
    let polls = inside(&system, async |mut ctx: ProcessContext<u64>| {
        for n in 0..1000 {
            ctx.this().try_send(n).unwrap();
        }
        let mut body = Box::pin(async move {
            for n in 0..1000 {
                assert_eq!(user(ctx.receive().await), n);
            }
        });
        // Each time that it lets others run, it is polled once more.
        let mut polls = 0;
        std::future::poll_fn(|cx| {
            polls += 1;
            body.as_mut().poll(cx)
        })
        .await;
        polls
    })
    .await;
    assert_eq!(polls, 1000_u64.div_ceil(BUDGET));
}

#[otp::test]
async fn a_task_that_only_calls_lets_others_run_too(system: System) {
    let echo = system.spawn(async |mut ctx: ProcessContext<ReplyTo<()>>| {
        loop {
            user(ctx.receive().await).reply(());
        }
    });
    let mut calls = Box::pin(async move {
        for _ in 0..10_000 {
            Call::new(&echo, |from| from).await.unwrap();
        }
    });
    // It is no process, and it is answered at once, but one call in 512 lets others run first.
    let (tell, told) = oneshot::channel();
    system.runtime().spawn(Task::new(async move {
        let mut polls = 0;
        std::future::poll_fn(|cx| {
            polls += 1;
            calls.as_mut().poll(cx)
        })
        .await;
        tell.send(polls).unwrap();
    }));
    assert!(told.await.unwrap() > 10_000 / 513);
}

#[otp::test]
async fn kill_and_shutdown_overtake_a_backlog(system: System) {
    for (signal, reason) in [(ExitReason::Kill, ExitReason::Killed), (ExitReason::Shutdown, ExitReason::Shutdown)] {
        let (go_on, wait) = oneshot::channel::<()>();
        let (tell, handled) = async_channel::unbounded();
        let process = system.spawn(async move |mut ctx: ProcessContext<u32>| {
            let _ = wait.await;
            loop {
                tell.try_send(user(ctx.receive().await)).unwrap();
            }
        });
        for n in 0..100_000 {
            process.try_send(n).unwrap();
        }
        let exited = process.exited();
        process.exit(signal);
        // The process is woken for this, too, with all of its mail unread.
        let _ = go_on.send(());
        assert_eq!(exited.await, reason);
        assert_eq!(handled.try_recv(), Err(async_channel::TryRecvError::Closed), "nothing was handled");
    }
}

#[otp::test]
async fn a_signal_in_the_middle_of_a_backlog_stops_a_process_before_its_next_message(system: System) {
    let (tell, handled) = async_channel::unbounded();
    let process = system.spawn(async move |mut ctx: ProcessContext<u32>| {
        for n in 0..100_000 {
            ctx.this().try_send(n).unwrap();
        }
        loop {
            let n = user(ctx.receive().await);
            tell.try_send(n).unwrap();
            if n == 50 {
                ctx.this().exit(ExitReason::Kill);
            }
        }
    });
    assert_eq!(process.exited().await, ExitReason::Killed);
    assert_eq!(std::iter::from_fn(|| handled.try_recv().ok()).last(), Some(50));
}

#[otp::test]
async fn a_trapped_shutdown_waits_its_turn_behind_the_backlog(system: System) {
    // As in OTP: it is for what must not be interrupted; whoever wants to overtake sends a kill.
    let (go_on, wait) = oneshot::channel::<()>();
    let options = SpawnOptions::new().trap_exit(true);
    let process = system.spawn_with(options, async move |mut ctx: ProcessContext<u32>| {
        let _ = wait.await;
        let mut handled = 0;
        loop {
            match ctx.receive().await {
                Message::User(_) => handled += 1,
                _ => return ExitReason::shutdown_with(handled),
            }
        }
    });
    let process = process.unwrap().process;
    for n in 0..1000 {
        process.try_send(n).unwrap();
    }
    process.exit(ExitReason::Shutdown);
    go_on.send(()).unwrap();
    assert_eq!(process.exited().await, ExitReason::shutdown_with(1000));
}

#[otp::test]
async fn a_timer_and_a_call_are_served_while_others_are_busy(system: System) {
    let busy: Vec<_> = (0..4)
        .map(|_| {
            system.spawn(async |ctx: ProcessContext<()>| {
                loop {
                    ctx.yield_now().await;
                }
            })
        })
        .collect();
    let start = system.now();
    let patience = Duration::from_millis(5);
    inside(&system, async move |mut ctx: ProcessContext<u8>| {
        ctx.system().send_after(patience, ctx.this(), 1);
        assert_eq!(user(ctx.receive().await), 1);
    })
    .await;
    assert!(system.now() - start >= patience);
    let quiet = system.spawn(obey);
    quiet.send(ExitReason::Shutdown).await.unwrap();
    assert_eq!(quiet.exited().await, ExitReason::Shutdown);
    assert!(busy.iter().all(|process| process.is_alive()));
}

#[otp::test]
async fn a_process_that_looks_for_mail_for_ever_neither_starves_others_nor_outlives_a_kill(system: System) {
    // More of them than there are threads.
    let looking: Vec<_> = (0..4)
        .map(|_| {
            system.spawn(
                async |mut ctx: ProcessContext<()>| {
                    while ctx.receive_timeout(Duration::ZERO).await.is_none() {}
                },
            )
        })
        .collect();
    assert_eq!(system.spawn(async |_: ProcessContext<()>| {}).exited().await, ExitReason::Normal);
    looking[0].send(()).await.unwrap();
    assert_eq!(looking[0].exited().await, ExitReason::Normal);
    for process in &looking[1..] {
        process.exit(ExitReason::Kill);
        assert_eq!(process.exited().await, ExitReason::Killed);
    }
}

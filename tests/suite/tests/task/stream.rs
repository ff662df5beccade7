//! A function for many items, a few at a time: SPEC §14.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures::channel::{mpsc, oneshot};
use futures::future::pending;
use futures::{StreamExt, poll};
use otp::task::{OnTimeout, TaskError, TaskStream, TaskSupervisor, stream};
use otp::{ExitReason, ProcessContext, System};
use otp_suite::{Drops, inside, until};

const LONG: Duration = Duration::from_secs(60);

// TASK-12
#[otp::test]
async fn results_come_in_the_order_of_the_items_or_as_they_are_ready(system: System) {
    let run = async |ordered: bool| {
        let (tell, told) = oneshot::channel::<()>();
        let (mut tell, mut told) = (Some(tell), Some(told));
        // The first item waits for the second one.
        let results = stream(&system, 0..2, move |n| {
            let (tell, told) = (tell.take_if(|_| n == 1), told.take_if(|_| n == 0));
            async move {
                if let Some(told) = told {
                    told.await.unwrap();
                }
                if let Some(tell) = tell {
                    tell.send(()).unwrap();
                }
                n
            }
        });
        results.ordered(ordered).map(Result::unwrap).collect::<Vec<_>>().await
    };
    assert_eq!(run(true).await, [0, 1]);
    assert_eq!(run(false).await, [1, 0]);
}

// TASK-12
#[otp::test]
async fn items_are_taken_lazily_and_no_more_run_than_allowed(system: System) {
    let (taken, running) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let count = taken.clone();
    let items = (0..100).inspect(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let counted = running.clone();
    let mut results = stream(&system, items, move |n| {
        let running = counted.clone();
        async move {
            assert!(running.fetch_add(1, Ordering::SeqCst) < 3, "too many at a time");
            otp::process::yield_now().await;
            running.fetch_sub(1, Ordering::SeqCst);
            n
        }
    })
    .max_concurrency(3);
    assert_eq!(taken.load(Ordering::SeqCst), 0);
    for n in 0..10 {
        assert_eq!(results.next().await, Some(Ok(n)));
        // A consumer that takes its time holds the items up.
        assert!(taken.load(Ordering::SeqCst) <= n + 3);
    }
    assert_eq!(results.map(Result::unwrap).collect::<Vec<_>>().await, (10..100).collect::<Vec<_>>());
}

#[otp::test]
async fn a_stream_of_no_items_ends_at_once(system: System) {
    let results = stream(&system, Vec::<u32>::new(), async |n| n);
    assert!(results.collect::<Vec<_>>().await.is_empty());
}

// TASK-13
#[otp::test]
async fn a_late_item_ends_the_stream_or_is_given_up_alone(system: System) {
    let limit = Duration::from_millis(30);
    let late =
        |result: &Result<u32, TaskError>| matches!(result, Err(TaskError::Timeout { limit: l, .. }) if *l == limit);
    let run = async |on_timeout: OnTimeout| {
        let work = async |n| if n == 1 { pending().await } else { n };
        stream(&system, 0..4, work).max_concurrency(1).timeout(limit).on_timeout(on_timeout).collect::<Vec<_>>().await
    };
    let killed = run(OnTimeout::Kill).await;
    assert!(killed[0] == Ok(0) && late(&killed[1]) && killed[2] == Ok(2) && killed[3] == Ok(3), "{killed:?}");
    let stopped = run(OnTimeout::Stop).await;
    assert!(stopped.len() == 2 && stopped[0] == Ok(0) && late(&stopped[1]), "{stopped:?}");
}

#[otp::test]
async fn an_item_with_a_limit_of_zero_is_late_at_once(system: System) {
    let results = stream(&system, 0..3, async |_| pending::<()>().await).timeout(Duration::ZERO);
    let results = results.on_timeout(OnTimeout::Kill).collect::<Vec<_>>().await;
    assert_eq!(results.iter().filter(|result| matches!(result, Err(TaskError::Timeout { .. }))).count(), 3);
}

// TASK-14
#[otp::test]
async fn a_crash_of_a_linked_item_ends_a_plain_consumer(system: System) {
    let consumer = system.spawn(async |ctx: ProcessContext<()>| {
        let mut results: TaskStream<_, _, u32> =
            stream(&ctx, 0..3, async |n| if n == 1 { Err(ExitReason::other("oops")) } else { Ok(n) });
        while results.next().await.is_some() {}
        pending::<()>().await;
    });
    assert_eq!(consumer.exited().await, ExitReason::other("oops"));
}

// TASK-14
#[otp::test]
async fn a_crash_of_an_item_is_a_result_for_who_traps_exits_or_is_not_linked(system: System) {
    for traps in [true, false] {
        inside(&system, async move |mut ctx: ProcessContext<()>| {
            ctx.trap_exit(traps);
            let work = async |n: u32| if n == 1 { Err(ExitReason::other("oops")) } else { Ok(n) };
            let results: Vec<Result<u32, _>> = stream(&ctx, 0..3, work).link(traps).collect().await;
            assert_eq!((&results[0], &results[2]), (&Ok(0), &Ok(2)));
            assert_eq!(results[1].as_ref().unwrap_err().reason(), Some(&ExitReason::other("oops")));
            assert_eq!(ctx.receive_timeout(Duration::ZERO).await, None);
            assert!(ctx.system().info(ctx.pid()).unwrap().links.is_empty());
        })
        .await;
    }
}

#[otp::test]
async fn dropping_the_stream_ends_the_items_and_takes_no_more(system: System) {
    for supervised in [false, true] {
        let tasks = TaskSupervisor::new().start(&system).await.unwrap();
        let (drops, (tell, mut told)) = (Drops::default(), mpsc::unbounded());
        let guards = drops.clone();
        let mut results = stream(&system, 0..100, move |n| {
            let (guard, tell) = (guards.guard(), tell.clone());
            async move {
                let _guard = guard;
                tell.unbounded_send(n).unwrap();
                pending::<()>().await;
            }
        })
        .max_concurrency(2)
        .no_timeout();
        if supervised {
            results = results.under(&tasks).link(false);
        }
        assert!(poll!(results.next()).is_pending());
        let mut started = 0;
        while started < 2 {
            let next = results.next();
            futures::pin_mut!(next);
            assert!(poll!(next).is_pending());
            match told.try_recv() {
                Ok(_) => started += 1,
                _ => otp::process::yield_now().await,
            }
        }
        drop(results);
        until(|| drops.count() == 2).await;
        assert!(tasks.children().await.unwrap().is_empty() || supervised);
    }
}

// TASK-21
#[otp::test]
async fn the_end_of_the_consumer_ends_its_linked_items_and_not_those_of_a_supervisor(system: System) {
    for linked in [true, false] {
        let tasks = TaskSupervisor::new().start(&system).await.unwrap();
        let (tell, mut told) = mpsc::unbounded();
        let under = tasks.clone();
        let consumer = system.spawn(async move |ctx: ProcessContext<()>| {
            let work = move |_| {
                let tell = tell.clone();
                async move {
                    tell.unbounded_send(otp::Process::current().unwrap().pid()).unwrap();
                    pending::<()>().await;
                }
            };
            let results = stream(&ctx, 0..5, work).max_concurrency(2).timeout(LONG).under(&under).link(linked);
            results.collect::<Vec<_>>().await;
        });
        let items = [told.next().await.unwrap(), told.next().await.unwrap()];
        let exits = items.map(|pid| system.exited(pid));
        consumer.exit(ExitReason::Kill);
        consumer.exited().await;
        if linked {
            futures::future::join_all(exits).await;
            assert_eq!(tasks.children().await, Ok(vec![]));
        } else {
            assert!(items.iter().all(|pid| system.is_alive(*pid)));
            tasks.stop().await.unwrap();
        }
    }
}

#[otp::test]
async fn an_item_that_its_supervisor_refuses_is_an_error_in_its_place(system: System) {
    let tasks = TaskSupervisor::new().max_children(0).start(&system).await.unwrap();
    let results: Vec<_> = stream(&system, 0..2, async |n| n).under(&tasks).collect().await;
    assert_eq!(results.iter().filter(|result| matches!(result, Err(TaskError::NotStarted { .. }))).count(), 2);
}

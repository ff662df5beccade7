//! Groups of tasks.

use std::convert::Infallible;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::channel::oneshot;
use futures::poll;
use otp::process::yield_now;
use otp::scope::{CancelScope, TaskError, TaskGroup};
use otp::{ExitReason, ProcessContext, System};
use otp_suite::{Bomb, Drops, obey, until};

use super::scopes::crash;

#[otp::test]
async fn a_group_returns_the_results_of_its_tasks_in_their_order(system: System) {
    let mut group = TaskGroup::<u32, Infallible>::new(&system);
    for n in 0..50 {
        group.spawn(async move {
            for _ in 0..(50 - n) {
                yield_now().await;
            }
            Ok(n)
        });
    }
    assert_eq!(group.join().await.unwrap(), (0..50).collect::<Vec<_>>());
    assert!(TaskGroup::<u32, Infallible>::new(&system).join().await.unwrap().is_empty());
}

#[otp::test]
async fn the_first_failure_in_a_group_cancels_the_rest(system: System) {
    let mut group = TaskGroup::<(), String>::new(&system);
    let dropped = Drops::default();
    for _ in 0..5 {
        let guard = dropped.guard();
        group.spawn(async move {
            let _guard = guard;
            pending().await
        });
    }
    group.spawn(async { Err("no route".to_owned()) });
    let error = group.join().await.unwrap_err();
    assert_eq!(error.errors, [TaskError::Failed("no route".to_owned())]);
    assert_eq!(error.to_string(), "1 of 6 tasks failed; the first: no route");
    assert_eq!(dropped.count(), 5, "all tasks have ended when the group tells");
}

#[otp::test]
async fn a_group_keeps_every_error(system: System) {
    let mut group = TaskGroup::<(), &str>::new(&system);
    let under_way = Arc::new(AtomicUsize::new(0));
    for text in ["one", "two"] {
        let (shield, under_way) = (group.scope().shielded(), under_way.clone());
        group.spawn(async move {
            under_way.fetch_add(1, Ordering::SeqCst);
            // Whichever fails first, and so cancels the group, the other one is past the point of no return.
            let both = until(|| under_way.load(Ordering::SeqCst) == 2);
            assert_eq!(shield.run(both).await, Ok(()));
            Err(text)
        });
    }
    let error = group.join().await.unwrap_err();
    assert_eq!(error.errors, [TaskError::Failed("one"), TaskError::Failed("two")]);
    assert_eq!(error.to_string(), "2 of 2 tasks failed; the first: one");
}

#[otp::test]
async fn a_panic_in_a_task_of_a_group_is_an_error_and_a_crash_report(system: System) {
    let mut events = system.subscribe();
    let mut group = TaskGroup::<(), &str>::new(&system);
    group.spawn(async { panic!("slipped") });
    group.spawn(pending());
    let error = group.join().await.unwrap_err();
    let ExitReason::Error(panic) = ExitReason::crash("slipped") else { unreachable!() };
    assert_eq!(error.errors, [TaskError::Panicked(panic)]);
    assert_eq!(error.to_string(), "1 of 2 tasks failed; the first: panicked: slipped");
    let report = crash(&mut events).await;
    assert_eq!((report.pid, report.reason), (None, ExitReason::crash("slipped")));
}

#[otp::test]
async fn a_panic_in_the_drop_of_a_task_is_an_error_too(system: System) {
    /// Ready at once, and panics when dropped.
    struct Ready(#[allow(dead_code)] Bomb);
    impl Future for Ready {
        type Output = Result<(), &'static str>;

        fn poll(self: std::pin::Pin<&mut Self>, _: &mut std::task::Context<'_>) -> std::task::Poll<Self::Output> {
            std::task::Poll::Ready(Ok(()))
        }
    }
    let mut group = TaskGroup::new(&system);
    group.spawn(Ready(Bomb("on the way out")));
    let error = group.join().await.unwrap_err();
    assert_eq!(error.to_string(), "1 of 1 tasks failed; the first: panicked: on the way out");
    let mut events = system.subscribe();
    let scope = CancelScope::new(&system);
    let bomb = Bomb("cancelled");
    scope.spawn(async move {
        let _bomb = bomb;
        pending().await
    });
    scope.cancel();
    assert_eq!(crash(&mut events).await.reason, ExitReason::crash("cancelled"));
}

#[otp::test]
async fn a_panic_in_a_task_harms_neither_its_process_nor_its_siblings_and_names_the_process(system: System) {
    let mut events = system.subscribe();
    let (survives, proof) = oneshot::channel();
    let process = system.spawn(async |ctx: ProcessContext<ExitReason>| {
        let (hurt, hears) = oneshot::channel::<()>();
        ctx.scope().spawn(async move {
            let _hurt = hurt;
            panic!("in a task");
        });
        ctx.scope().spawn(async move {
            let _ = hears.await;
            let _ = survives.send(());
        });
        obey(ctx).await
    });
    let report = crash(&mut events).await;
    assert_eq!((report.pid, report.reason), (Some(process.pid()), ExitReason::crash("in a task")));
    proof.await.expect("the other task goes on");
    process.send(ExitReason::Shutdown).await.unwrap();
    assert_eq!(process.exited().await, ExitReason::Shutdown);
}

#[otp::test]
async fn a_group_that_is_dropped_or_whose_join_is_dropped_cancels_its_tasks(system: System) {
    for joined in [false, true] {
        let (ended, ends) = async_channel::unbounded::<Infallible>();
        let mut group = TaskGroup::<(), Infallible>::new(&system);
        for _ in 0..5 {
            let ended = ended.clone();
            group.spawn(async move {
                let _ended = ended;
                pending().await
            });
        }
        drop(ended);
        if joined {
            let mut join = Box::pin(group.join());
            assert!(poll!(&mut join).is_pending());
        } else {
            drop(group);
        }
        assert!(ends.recv().await.is_err());
    }
}

#[otp::test]
async fn a_group_that_is_cancelled_from_outside_has_no_errors_and_no_results(system: System) {
    let outer = CancelScope::new(&system);
    let mut group = TaskGroup::<u8, Infallible>::inside(&outer, &system);
    group.spawn(async { Ok(1) });
    group.spawn(pending());
    let mut join = pin!(group.join());
    assert!(poll!(&mut join).is_pending());
    outer.cancel();
    let error = join.await.unwrap_err();
    assert_eq!((error.errors.len(), error.spawned), (0, 2));
}

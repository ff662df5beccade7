//! Pools: what becomes of workers when they, their borrowers or their checks fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::Duration;

use futures::channel::oneshot;
use otp::prelude::*;
use otp::process::Label;
use otp::registry::Pool;
use otp::registry::pool::{Borrowed, CheckoutError, OnBorrowerDeath};
use otp::scope::CancelScope;
use otp::supervisor::Backoff;

use super::pool::{Tool, ToolClient, Tools, is_whole, settled, tools};

/// The ways in which a borrower ends while it holds a worker.
#[derive(Clone, Copy, Debug)]
enum Death {
    Killed,
    Panics,
    Forgets,
    Returns,
}

const DEATHS: [Death; 4] = [Death::Killed, Death::Panics, Death::Forgets, Death::Returns];

/// Borrows a worker in a process that then ends, and gives the worker's pid.
async fn borrow_and_die(system: &System, pool: &Tools, death: Death) -> Pid {
    let (tell, told) = oneshot::channel();
    let lent = pool.clone();
    let borrower = system.spawn(async move |_: ProcessContext<()>| {
        let tool: Borrowed<_> = lent.checkout().await.unwrap();
        tell.send(tool.pid()).unwrap();
        match death {
            Death::Killed => std::future::pending().await,
            Death::Panics => panic!("on purpose"),
            Death::Forgets => std::mem::forget(tool),
            Death::Returns => {}
        }
    });
    let pid = told.await.unwrap();
    if let Death::Killed = death {
        borrower.exit(ExitReason::Kill);
    }
    borrower.exited().await;
    pid
}

#[otp::test]
async fn a_borrower_that_dies_gives_its_worker_back(system: System) {
    let pool = tools().start(&system).await.unwrap();
    let worker = pool.checkout().await.unwrap().pid();
    for death in DEATHS {
        assert_eq!(borrow_and_die(&system, &pool, death).await, worker, "{death:?}");
        settled(&system, &pool, |status| status.idle == 1).await;
    }
    is_whole(&system, &pool, 1).await;
}

#[otp::test]
async fn the_worker_of_a_borrower_that_dies_is_replaced_if_the_pool_says_so(system: System) {
    let pool = tools().on_borrower_death(OnBorrowerDeath::Replace).start(&system).await.unwrap();
    for death in DEATHS {
        let worker = borrow_and_die(&system, &pool, death).await;
        settled(&system, &pool, |status| status.idle == 1 && status.leaving == 0).await;
        // One that was returned before its borrower ended has done its work.
        assert_eq!(system.is_alive(worker), matches!(death, Death::Returns), "{death:?}");
    }
    is_whole(&system, &pool, 1).await;
}

#[otp::test]
async fn a_borrower_that_dies_in_the_line_costs_no_worker(system: System) {
    let pool = tools().queue(1).start(&system).await.unwrap();
    let held = pool.checkout().await.unwrap();
    let lent = pool.clone();
    let waiting = system.spawn(async move |_: ProcessContext<()>| drop(lent.checkout().await));
    settled(&system, &pool, |status| status.waiting == 1).await;
    waiting.exit(ExitReason::Kill);
    waiting.exited().await;
    settled(&system, &pool, |status| status.waiting == 0).await;
    drop(held);
    is_whole(&system, &pool, 1).await;
}

#[otp::test]
async fn a_worker_that_ends_while_it_is_borrowed_is_replaced_and_its_guard_says_so(system: System) {
    let pool = tools().start(&system).await.unwrap();
    let tool = pool.checkout().await.unwrap();
    assert!(tool.is_alive());
    let exited = tool.exited();
    system.exit(tool.pid(), ExitReason::Kill);
    assert_eq!(exited.await, ExitReason::Killed);
    assert!(!tool.is_alive());
    assert!(matches!(tool.work().await, Err(CallError::NoProc(_) | CallError::Exited { .. })));
    // The borrower still has it, and so the pool has another one.
    let other = pool.checkout().await.unwrap();
    assert_ne!(other.pid(), tool.pid());
    drop((tool, other));
    is_whole(&system, &pool, 1).await;
}

#[otp::test]
async fn a_worker_that_ends_while_it_is_idle_is_replaced(system: System) {
    let pool = tools().size(3).start(&system).await.unwrap();
    let tool = pool.checkout().await.unwrap();
    let pid = tool.pid();
    tool.check_in();
    settled(&system, &pool, |status| status.idle == 3).await;
    system.exit(pid, ExitReason::Kill);
    settled(&system, &pool, |status| status.started == 4 && status.idle == 3).await;
    is_whole(&system, &pool, 3).await;
}

#[otp::test]
async fn a_worker_that_is_discarded_is_replaced(system: System) {
    let pool = tools().start(&system).await.unwrap();
    let tool = pool.checkout().await.unwrap();
    let (pid, exited) = (tool.pid(), tool.exited());
    tool.discard();
    assert_eq!(exited.await, ExitReason::Killed);
    assert_ne!(pool.checkout().await.unwrap().pid(), pid);
    is_whole(&system, &pool, 1).await;
}

#[otp::test]
async fn a_panic_in_what_runs_with_a_worker_gives_the_worker_back(system: System) {
    let pool = tools().start(&system).await.unwrap();
    let lent = pool.clone();
    let borrower = system.spawn(async move |_: ProcessContext<()>| {
        let _ = lent.run(async |_| panic!("on purpose")).await;
    });
    assert!(borrower.exited().await.is_abnormal());
    is_whole(&system, &pool, 1).await;

    let (scope, lent) = (CancelScope::new(&system), pool.clone());
    scope.spawn(async move { drop(lent.run(async |_| std::future::pending::<()>().await).await) });
    settled(&system, &pool, |status| status.borrowed == 1).await;
    scope.cancel();
    is_whole(&system, &pool, 1).await;
}

#[otp::test]
async fn a_worker_that_is_not_healthy_at_its_return_is_replaced(system: System) {
    #[derive(Clone, Copy, Debug)]
    enum Illness {
        Fails,
        Panics,
        Hangs,
    }
    for illness in [Illness::Fails, Illness::Panics, Illness::Hangs] {
        let ill_for = Arc::new(AtomicU32::new(1));
        let check = move |tool: ServerRef<Tool>| {
            let is_ill = ill_for.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
            async move {
                match illness {
                    _ if !is_ill => tool.work().await.map(drop).map_err(|error| error.to_string()),
                    Illness::Fails => Err("it is broken".to_owned()),
                    Illness::Panics => panic!("on purpose"),
                    Illness::Hangs => std::future::pending().await,
                }
            }
        };
        let limit = Duration::from_millis(50);
        let pool = tools().health(check).health_limit(limit).start(&system).await.unwrap();
        let tool = pool.checkout().await.unwrap();
        let exited = tool.exited();
        drop(tool);
        let reason = exited.await.to_string();
        let expected = match illness {
            Illness::Fails => "it is broken",
            Illness::Panics => "on purpose",
            Illness::Hangs => "not finished within 50ms",
        };
        assert!(reason.contains(expected), "{reason}");
        is_whole(&system, &pool, 1).await;
        assert_eq!(pool.status().await.unwrap().started, 2);
    }
}

/// A pool whose workers fail to start while the number is above zero, which each attempt counts down.
fn failing(failures: &Arc<AtomicUsize>) -> Pool<ProcessRef<()>> {
    let failures = failures.clone();
    Pool::new(ChildSpec::worker("tool", async move |supervisor: Process| {
        let fails = failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if fails {
            return Err("no tool today");
        }
        Ok(supervisor.spawn_link(async |_: ProcessContext<()>| std::future::pending::<()>().await))
    }))
}

#[otp::test]
async fn a_pool_whose_workers_do_not_start_does_not_start_and_leaves_nothing_behind(system: System) {
    let failures = Arc::new(AtomicUsize::new(1));
    let before = system.process_count();
    let error = failing(&failures).size(2).start(&system).label("tools").await.unwrap_err();
    assert!(error.to_string().contains("no tool today"), "{error}");
    assert_eq!(system.process_count(), before);
    assert!(failing(&failures).size(2).start(&system).await.is_ok());
}

#[otp::test]
async fn the_first_in_line_learns_why_its_worker_did_not_start_and_the_others_wait(system: System) {
    let failures = Arc::new(AtomicUsize::new(3));
    let pause = Duration::from_millis(10);
    let pool = failing(&failures).lazy().backoff(Backoff::new(pause, pause)).start(&system).await.unwrap();
    let start = system.now();
    for _ in 0..3 {
        let error = pool.checkout().await.unwrap_err();
        let CheckoutError::NotStarted { error: cause, .. } = &error else { panic!("{error:?}") };
        assert!(cause.to_string().contains("no tool today"), "{error}");
    }
    // At once, at once, and after a pause; and one more before the fourth.
    assert!(pool.checkout().await.is_ok());
    assert!(system.now() - start >= 2 * pause);
}

#[otp::test]
async fn workers_that_end_as_soon_as_they_have_started_are_replaced_ever_more_slowly(system: System) {
    let starts = Arc::new(AtomicUsize::new(0));
    let counted = starts.clone();
    let spec = ChildSpec::worker(Label::from("fly"), async move |supervisor: Process| {
        counted.fetch_add(1, Ordering::SeqCst);
        supervisor.spawn_link(async |_: ProcessContext<()>| {})
    });
    let pause = Duration::from_millis(20);
    let start = system.now();
    let pool = Pool::new(spec).backoff(Backoff::new(pause, pause)).start(&system).await.unwrap();
    while starts.load(Ordering::SeqCst) < 5 {
        system.sleep(Duration::from_millis(1)).await;
    }
    // The first, its replacement, and three more, each after a pause.
    assert!(system.now() - start >= 3 * pause);
    assert!(pool.pid().is_some());
}

#[otp::test]
async fn the_end_of_its_supervisor_of_workers_ends_the_pool(system: System) {
    let pool = tools().start(&system).await.unwrap();
    let pid = pool.pid().unwrap();
    let children = system.processes().into_iter().filter_map(|other| system.info(other));
    let inner = children.filter(|info| info.parent == pid).map(|info| info.pid).next().unwrap();
    let exited = pool.exited();
    system.exit(inner, ExitReason::Kill);
    assert_eq!(exited.await, ExitReason::Killed);
}

//! Pools: who gets which worker, and when.

use std::time::Duration;

use futures::channel::oneshot;
use otp::prelude::*;
use otp::registry::pool::{Borrowed, CheckoutError, PoolStatus, Strategy as Lending};
use otp::registry::{Pool, PoolName, PoolRef};
use otp::sys;
use otp::test::eventually;
use otp_suite::{begin, inside};

/// A worker that counts what it did.
#[derive(Default)]
pub(crate) struct Tool(u32);

#[gen_server]
impl Tool {
    #[init]
    fn init() -> Self {
        Tool(0)
    }

    #[call]
    fn work(&mut self) -> u32 {
        self.0 += 1;
        self.0
    }
}

pub(crate) type Tools = PoolRef<ServerRef<Tool>>;

pub(crate) fn tools() -> Pool<ServerRef<Tool>> {
    Pool::new(Tool::child(()))
}

/// Waits until the status of a pool is as wanted.
pub(crate) async fn settled(
    system: &System,
    pool: &Tools,
    wanted: impl Fn(&PoolStatus) -> bool + Send + Sync,
) -> PoolStatus {
    let (pool, wanted) = (pool, &wanted);
    eventually(system, async move || match pool.status().await {
        Ok(status) if wanted(&status) => Ok(status),
        other => Err(format!("{other:?}")),
    })
    .await
}

/// All workers are back, and as many as the pool keeps can be borrowed at once.
pub(crate) async fn is_whole(system: &System, pool: &Tools, size: usize) {
    settled(system, pool, |status| (status.idle, status.total, status.waiting) == (size, size, 0)).await;
    let mut all: Vec<Borrowed<ServerRef<Tool>>> = Vec::new();
    for _ in 0..size {
        let tool = pool.try_checkout().await.unwrap();
        tool.work().await.unwrap();
        assert!(!all.iter().any(|other| other.pid() == tool.pid()));
        all.push(tool);
    }
    if pool.status().await.unwrap().max_overflow == 0 {
        assert!(matches!(pool.try_checkout().await, Err(CheckoutError::Busy { .. })));
    }
    drop(all);
    settled(system, pool, |status| status.idle == size).await;
}

#[otp::test]
async fn a_borrowed_worker_comes_back_when_its_guard_is_dropped(system: System) {
    let pool = tools().size(2).start(&system).await.unwrap();
    let (first, second) = (pool.checkout().await.unwrap(), pool.checkout().await.unwrap());
    assert_ne!(first.pid(), second.pid());
    assert_eq!((first.work().await, second.work().await), (Ok(1), Ok(1)));
    let status = pool.status().await.unwrap();
    assert_eq!((status.borrowed, status.idle, status.total, status.checkouts), (2, 0, 2, 2));
    drop(first);
    second.check_in();
    let status = pool.status().await.unwrap();
    assert_eq!((status.borrowed, status.idle, status.total, status.checkouts), (0, 2, 2, 2));
    is_whole(&system, &pool, 2).await;
}

#[otp::test]
async fn processes_and_code_outside_of_them_borrow_alike(system: System) {
    let pool = tools().start(&system).await.unwrap();
    assert_eq!(pool.run(async |tool| tool.work().await).await, Ok(Ok(1)));
    let (borrower, lent) = (system.clone(), pool.clone());
    let done = inside(&system, async move |_: ProcessContext<()>| {
        let count = lent.run(async |tool| tool.work().await).await;
        let by_pid = PoolRef::<ServerRef<Tool>>::of(&borrower, lent.pid().unwrap()).unwrap();
        (count, by_pid.status().await.unwrap().checkouts)
    });
    assert_eq!(done.await, (Ok(Ok(2)), 2));
}

#[otp::test]
async fn the_worker_that_was_returned_last_is_lent_first_unless_all_take_turns(system: System) {
    for (strategy, expected) in [(Lending::Lifo, [1, 1, 1]), (Lending::Fifo, [0, 1, 0])] {
        let pool = tools().size(2).strategy(strategy).start(&system).await.unwrap();
        let all = [pool.checkout().await.unwrap(), pool.checkout().await.unwrap()];
        let pids = [all[0].pid(), all[1].pid()];
        for tool in all {
            tool.check_in();
        }
        for place in expected {
            assert_eq!(pool.checkout().await.unwrap().pid(), pids[place], "{strategy:?}");
        }
        pool.stop().await.unwrap();
    }
}

#[otp::test]
async fn borrowers_get_workers_in_the_order_of_their_requests(system: System) {
    let pool = tools().start(&system).await.unwrap();
    let held = pool.checkout().await.unwrap();
    let (tell, told) = async_channel::unbounded();
    for number in 0..5_usize {
        let (lent, tell) = (pool.clone(), tell.clone());
        system.spawn(async move |_: ProcessContext<()>| {
            let _tool = lent.checkout().await.unwrap();
            tell.send(number).await.unwrap();
        });
        settled(&system, &pool, |status| status.waiting == number + 1).await;
    }
    drop(held);
    for number in 0..5 {
        assert_eq!(told.recv().await, Ok(number));
    }
    is_whole(&system, &pool, 1).await;
}

#[otp::test]
async fn a_checkout_that_is_dropped_costs_no_worker_and_no_place(system: System) {
    let pool = tools().queue(1).start(&system).await.unwrap();
    let held = pool.checkout().await.unwrap();
    let mut given_up = pool.checkout().into_future();
    assert!(begin(&mut given_up).await.is_pending());
    settled(&system, &pool, |status| status.waiting == 1).await;
    let full = pool.checkout().await.unwrap_err();
    assert!(matches!(full, CheckoutError::Full { limit: 1, queue: 1, waiting: 1, .. }), "{full}");
    let text = full.to_string();
    assert!(text.ends_with(" is full: none of at most 1 workers is free, and 1 of at most 1 borrowers wait"), "{text}");

    drop(given_up);
    let mut next = pool.checkout().into_future();
    assert!(begin(&mut next).await.is_pending());
    settled(&system, &pool, |status| status.waiting == 1).await;
    drop(held);
    drop(next.await.unwrap());
    is_whole(&system, &pool, 1).await;
}

#[otp::test]
async fn a_worker_that_is_delivered_to_a_borrower_that_has_given_up_comes_back(system: System) {
    let pool = tools().start(&system).await.unwrap();
    let held = pool.checkout().await.unwrap();
    let mut late = pool.checkout().into_future();
    assert!(begin(&mut late).await.is_pending());
    settled(&system, &pool, |status| status.waiting == 1).await;
    drop(held);
    // It has been given the worker, and does not look.
    settled(&system, &pool, |status| status.borrowed == 1 && status.waiting == 0).await;
    drop(late);
    is_whole(&system, &pool, 1).await;
}

#[otp::test]
async fn a_checkout_may_be_cancelled_at_each_of_its_awaits(system: System) {
    let pool = tools().size(1).lazy().health(healthy).start(&system).await.unwrap();
    for polls in 0..40 {
        let mut checkout = pool.checkout().into_future();
        for _ in 0..polls {
            if futures::poll!(&mut checkout).is_ready() {
                break;
            }
            otp::process::yield_now().await;
        }
        drop(checkout);
        let lent = pool.clone();
        let mut running = Box::pin(async move { lent.run(async |tool| tool.work().await).await });
        for _ in 0..polls {
            if futures::poll!(&mut running).is_ready() {
                break;
            }
            otp::process::yield_now().await;
        }
    }
    is_whole_after_use(&system, &pool).await;
}

async fn healthy(tool: ServerRef<Tool>) -> Result<(), CallError> {
    tool.work().await.map(drop)
}

/// As [`is_whole`], for a lazy pool of one worker.
async fn is_whole_after_use(system: &System, pool: &Tools) {
    drop(pool.checkout().await.unwrap());
    is_whole(system, pool, 1).await;
}

#[otp::test]
async fn a_checkout_that_takes_too_long_tells_how_many_wait(system: System) {
    let pool = tools().start(&system).label("tools").await.unwrap();
    let _held = pool.checkout().await.unwrap();
    let limit = Duration::from_millis(5);
    let error = pool.checkout().timeout(limit).await.unwrap_err();
    let CheckoutError::Timeout { after, workers: 1, limit: 1, waiting: 1, .. } = &error else { panic!("{error:?}") };
    assert_eq!(*after, limit);
    let expected = format!(
        "no worker of tools {} was free within 5ms: there are 1 of at most 1 workers, and 1 borrowers wait",
        pool.pid().unwrap()
    );
    assert_eq!(error.to_string(), expected);
    let status = settled(&system, &pool, |status| status.waiting == 0).await;
    assert_eq!((status.timeouts, status.borrowed), (1, 1));
}

#[otp::test]
async fn overflow_workers_are_started_when_all_are_borrowed_and_end_when_they_are_returned(system: System) {
    let pool = tools().size(1).overflow(2).start(&system).await.unwrap();
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(pool.checkout().await.unwrap());
    }
    let status = pool.status().await.unwrap();
    assert_eq!((status.total, status.overflow, status.max_overflow), (3, 2, 2));
    let busy = pool.try_checkout().await.unwrap_err();
    assert!(matches!(busy, CheckoutError::Busy { limit: 3, waiting: 0, .. }), "{busy}");
    drop(held);
    settled(&system, &pool, |status| (status.total, status.idle, status.overflow) == (1, 1, 0)).await;
}

#[otp::test]
async fn an_overflow_worker_may_stay_for_a_while(system: System) {
    let idle = Duration::from_millis(30);
    let pool = tools().size(1).overflow(1).overflow_idle(idle).start(&system).await.unwrap();
    let held = [pool.checkout().await.unwrap(), pool.checkout().await.unwrap()];
    let returned = system.now();
    drop(held);
    let status = pool.status().await.unwrap();
    assert_eq!((status.idle, status.overflow), (2, 1));
    settled(&system, &pool, |status| (status.total, status.idle) == (1, 1)).await;
    assert!(system.now() - returned >= idle);
}

#[otp::test]
async fn a_lazy_pool_starts_workers_when_they_are_needed(system: System) {
    let pool = tools().size(2).lazy().start(&system).await.unwrap();
    assert_eq!(pool.status().await.unwrap().total, 0);
    let one = pool.try_checkout().await.unwrap();
    assert_eq!(pool.status().await.unwrap().total, 1);
    drop(one);
    drop(pool.checkout().await.unwrap());
    let status = pool.status().await.unwrap();
    assert_eq!((status.total, status.idle, status.started), (1, 1, 1));
}

#[otp::test]
async fn a_pool_is_found_by_its_name_after_a_restart(system: System) {
    const TOOLS: PoolName<ServerRef<Tool>> = PoolName::new("tools");
    let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
    let first = supervisor.start_child(tools().supervised_as(TOOLS)).await.unwrap().unwrap();
    let pool = PoolRef::named(&system, TOOLS);
    let borrowed = pool.checkout().await.unwrap();
    assert_eq!(pool.pid(), first.pid());
    system.exit(first.pid().unwrap(), ExitReason::Kill);
    // The worker ends with its pool.
    borrowed.exited().await;
    assert!(!borrowed.is_alive());
    eventually(&system, async || pool.pid().is_some_and(|pid| Some(pid) != first.pid())).await;
    assert_eq!(eventually(&system, async || pool.run(async |tool| tool.work().await).await).await, Ok(1));
    drop(borrowed);
    is_whole(&system, &pool, 1).await;
}

#[otp::test]
async fn a_pool_that_stops_waits_for_its_borrowers_and_refuses_new_ones(system: System) {
    let pool = tools().size(1).start(&system).label("tools").await.unwrap();
    let held = pool.checkout().await.unwrap();
    let mut waiting = pool.checkout().into_future();
    assert!(begin(&mut waiting).await.is_pending());
    settled(&system, &pool, |status| status.waiting == 1).await;
    let mut stop = pool.stop().into_future();
    assert!(begin(&mut stop).await.is_pending());
    let refused = waiting.await.unwrap_err();
    assert!(matches!(&refused, CheckoutError::Stopping(_)), "{refused}");
    let text = refused.to_string();
    assert!(text.starts_with("tools ") && text.ends_with("is stopping, and lends no more workers"), "{text}");
    assert!(matches!(pool.checkout().await, Err(CheckoutError::Stopping(_))));
    assert_eq!(held.work().await, Ok(1));
    let ended = held.exited();
    drop(held);
    stop.await.unwrap();
    assert_eq!(ended.await, ExitReason::Shutdown);
    assert!(matches!(pool.checkout().await, Err(CheckoutError::Call(_))));
}

#[otp::test]
async fn a_supervisor_waits_for_the_borrowers_as_long_as_the_spec_says(system: System) {
    for patient in [true, false] {
        let supervisor = Supervisor::new(Strategy::OneForOne).start(&system).await.unwrap();
        let limit = if patient { Duration::from_secs(600) } else { Duration::from_millis(5) };
        let spec = tools().supervised("tools").shutdown(Shutdown::Timeout(limit));
        let pool = supervisor.start_child(spec).await.unwrap().unwrap();
        let (ready, is_ready) = oneshot::channel();
        let lent = pool.clone();
        let borrower = system.spawn(async move |ctx: ProcessContext<()>| {
            let tool = lent.checkout().await.unwrap();
            ready.send(()).unwrap();
            ctx.system().sleep(Duration::from_millis(20)).await;
            let worked = tool.work().await.is_ok();
            ExitReason::other(worked)
        });
        is_ready.await.unwrap();
        let pool_ended = pool.exited();
        supervisor.stop().await.unwrap();
        let expected = if patient { ExitReason::Shutdown } else { ExitReason::Killed };
        assert_eq!(pool_ended.await, expected);
        if patient {
            assert_eq!(borrower.exited().await, ExitReason::other(true));
        }
    }
}

#[otp::test]
async fn a_pool_answers_system_requests(system: System) {
    let pool = tools().start(&system).await.unwrap();
    let pid = pool.pid().unwrap();
    sys::suspend(&system, pid).await.unwrap();
    let error = pool.checkout().timeout(Duration::from_millis(2)).await.unwrap_err();
    assert!(matches!(error, CheckoutError::Timeout { workers: 1, limit: 1, .. }), "{error}");
    sys::resume(&system, pid).await.unwrap();
    is_whole(&system, &pool, 1).await;
    let status = sys::status(&system, pid).await.unwrap();
    assert!(format!("{status:?}").contains("PoolStatus"), "{status:?}");
    sys::stop(&system, pid).await.unwrap();
}

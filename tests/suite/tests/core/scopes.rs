//! Cancellation scopes and time limits.

use std::convert::Infallible;
use std::future::pending;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Wake, Waker};
use std::time::Duration;

use futures::channel::oneshot;
use futures::poll;
use otp::event::{CrashReport, Event, Events};
use otp::scope::{CancelScope, Cancelled, Elapsed, TaskGroup};
use otp::{ExitReason, ProcessContext, System};
use otp_suite::{Drops, begin, inside, obey};

pub(crate) const MOMENT: Duration = Duration::from_millis(5);

/// The next crash that is reported.
pub(crate) async fn crash(events: &mut Events) -> CrashReport {
    loop {
        if let Event::Crashed(report) = events.next().await {
            return report;
        }
    }
}

#[otp::test]
async fn code_in_a_scope_runs_to_its_end_or_is_dropped_where_it_waits(system: System) {
    let scope = CancelScope::new(&system);
    assert_eq!(scope.run(async { 1 }).await, Ok(1));
    let dropped = Drops::default();
    let guard = dropped.guard();
    let mut waiting = pin!(scope.run(async move {
        let _guard = guard;
        pending::<()>().await;
    }));
    assert!(begin(&mut waiting).await.is_pending());
    assert!(!scope.is_cancelled());
    scope.cancel();
    scope.cancel();
    assert_eq!(waiting.await, Err(Cancelled));
    assert_eq!(dropped.count(), 1, "by the time that it is told");
}

#[otp::test]
async fn a_cancelled_scope_stays_cancelled(system: System) {
    let scope = CancelScope::new(&system);
    scope.cancel();
    assert!(scope.is_cancelled());
    for _ in 0..2 {
        assert_eq!(scope.run(async { unreachable!("it is not even polled") }).await, Err::<(), _>(Cancelled));
    }
    assert!(scope.child().is_cancelled(), "also what is made below it later");
    assert_eq!(scope.child().run(pending::<()>()).await, Err(Cancelled));
    scope.set_deadline(None);
    scope.set_deadline(Some(Duration::MAX));
    assert!(scope.is_cancelled());
}

#[otp::test]
async fn cancelling_reaches_the_scopes_below_and_not_those_above(system: System) {
    let top = CancelScope::new(&system);
    let (left, right) = (top.child(), top.child());
    let leaf = left.child();
    left.cancel();
    assert_eq!([&top, &left, &right, &leaf].map(CancelScope::is_cancelled), [false, true, false, true]);
    top.cancel();
    assert!(right.is_cancelled());
}

#[otp::test]
async fn a_cancelled_outer_scope_ends_code_in_inner_ones(system: System) {
    let outer = CancelScope::new(&system);
    let inner = outer.child();
    let mut nested = pin!(outer.run(async { inner.run(pending::<()>()).await }));
    assert!(begin(&mut nested).await.is_pending());
    let elsewhere = outer.child();
    let mut beside = pin!(elsewhere.run(pending::<()>()));
    assert!(begin(&mut beside).await.is_pending());
    outer.cancel();
    assert_eq!(nested.await, Err(Cancelled));
    assert_eq!(beside.await, Err(Cancelled));
}

#[otp::test]
async fn tasks_of_a_scope_end_when_it_is_cancelled(system: System) {
    let scope = CancelScope::new(&system);
    let (ended, ends) = async_channel::unbounded::<Infallible>();
    for _ in 0..20 {
        let ended = ended.clone();
        scope.spawn(async move {
            pending::<()>().await;
            drop(ended);
        });
    }
    drop(ended);
    scope.cancel();
    assert!(ends.recv().await.is_err(), "all of them have been dropped");
}

#[otp::test]
async fn a_shielded_section_is_finished_before_the_cancelled_code_around_it_is_dropped(system: System) {
    let outer = CancelScope::new(&system);
    let shield = outer.shielded();
    let (go_on, wait) = oneshot::channel::<()>();
    let (done, finished) = oneshot::channel();
    let dropped = Drops::default();
    let guard = dropped.guard();
    let mut code = pin!(outer.run(async {
        let _guard = guard;
        let saved = shield
            .run(async {
                let _ = wait.await;
                "saved"
            })
            .await;
        let _ = done.send(saved);
        pending::<()>().await;
    }));
    assert!(begin(&mut code).await.is_pending());
    outer.cancel();
    assert!(poll!(&mut code).is_pending(), "the shield holds");
    assert_eq!((dropped.count(), shield.is_cancelled()), (0, false));
    go_on.send(()).unwrap();
    assert_eq!(code.await, Err(Cancelled), "after the section, it is dropped where it waits next");
    assert_eq!(finished.await, Ok(Ok("saved")));
    assert_eq!(dropped.count(), 1);
}

#[otp::test]
async fn a_shielded_scope_has_a_deadline_and_a_cancel_of_its_own(system: System) {
    let outer = CancelScope::new(&system);
    let shield = outer.shielded();
    shield.set_deadline(Some(MOMENT));
    outer.cancel();
    let start = system.now();
    assert_eq!(shield.run(pending::<()>()).await, Err(Cancelled));
    assert!(system.now() - start >= MOMENT);
    let other = outer.shielded();
    other.cancel();
    assert_eq!(other.run(pending::<()>()).await, Err(Cancelled));
}

#[otp::test]
async fn a_scope_is_cancelled_at_its_deadline_and_not_before(system: System) {
    let scope = CancelScope::new(&system);
    let start = system.now();
    scope.set_deadline(Some(MOMENT));
    assert_eq!(scope.run(pending::<()>()).await, Err(Cancelled));
    assert!(system.now() - start >= MOMENT);
    assert!(scope.is_cancelled());
}

#[otp::test]
async fn a_deadline_can_be_moved_and_taken_away_while_code_runs(system: System) {
    let scope = CancelScope::new(&system);
    scope.set_deadline(Some(Duration::from_secs(3600)));
    let mut code = pin!(scope.run(pending::<()>()));
    assert!(begin(&mut code).await.is_pending());
    scope.set_deadline(None);
    assert!(poll!(&mut code).is_pending());
    let start = system.now();
    scope.set_deadline(Some(MOMENT));
    assert_eq!(code.await, Err(Cancelled));
    assert!(system.now() - start >= MOMENT);
}

#[otp::test]
async fn the_deadline_of_a_scope_holds_for_the_scopes_below(system: System) {
    for moved_later in [false, true] {
        let outer = CancelScope::new(&system);
        let (inner, beside) = (outer.child().child(), outer.child());
        inner.set_deadline(Some(Duration::from_secs(3600)));
        if !moved_later {
            outer.set_deadline(Some(MOMENT));
        }
        let start = system.now();
        let mut code = pin!(inner.run(pending::<()>()));
        assert!(begin(&mut code).await.is_pending());
        if moved_later {
            outer.set_deadline(Some(MOMENT));
        }
        assert_eq!(code.await, Err(Cancelled));
        assert!(system.now() - start >= MOMENT);
        assert!(outer.is_cancelled() && beside.is_cancelled(), "it was the outer one's");
    }
}

#[otp::test]
async fn the_deadline_of_an_inner_scope_does_not_reach_the_outer_one(system: System) {
    let outer = CancelScope::new(&system);
    let inner = outer.child();
    inner.set_deadline(Some(Duration::ZERO));
    let result = outer.run(async { inner.run(pending::<()>()).await }).await;
    assert_eq!(result, Ok(Err(Cancelled)));
    assert!(!outer.is_cancelled());
}

#[otp::test]
async fn a_time_limit_gives_up_when_the_time_is_over_and_drops_the_code(system: System) {
    assert_eq!(system.timeout(Duration::from_secs(3600), async { 7 }).await, Ok(7));
    assert_eq!(system.timeout(Duration::ZERO, async { 7 }).await, Ok(7), "one that is ready at once is never late");
    assert_eq!(system.timeout(Duration::MAX, async { 1 }).await, Ok(1));
    let dropped = Drops::default();
    for round in 1..=2 {
        let guard = dropped.guard();
        let late = async move {
            let _guard = guard;
            pending::<()>().await;
        };
        let start = system.now();
        let elapsed: Elapsed = system.timeout(MOMENT, late).await.unwrap_err();
        assert!(system.now() - start >= MOMENT);
        assert_eq!((elapsed.limit, elapsed.to_string().as_str()), (MOMENT, "not finished within 5ms"));
        assert_eq!(dropped.count(), round);
    }
}

#[otp::test]
async fn the_deadline_of_a_scope_is_kept_and_can_be_moved(system: System) {
    let scope = CancelScope::new(&system);
    scope.set_deadline(Some(Duration::from_secs(3600)));
    let start = system.now();
    let late = async {
        scope.set_deadline(Some(MOMENT));
        pending::<()>().await;
    };
    assert_eq!(scope.run(late).await, Err(Cancelled));
    assert!(system.now() - start >= MOMENT);
}

#[otp::test]
async fn what_a_process_started_in_its_scope_ends_with_it(system: System) {
    for kill in [false, true] {
        let (ended, ends) = async_channel::unbounded::<Infallible>();
        let process = system.spawn(async move |ctx: ProcessContext<ExitReason>| {
            let (in_task, in_group) = (ended.clone(), ended);
            ctx.scope().spawn(async move {
                let _ended = in_task;
                pending().await
            });
            let mut group = TaskGroup::<(), Infallible>::new(ctx.system());
            group.spawn(async move {
                let _ended = in_group;
                pending().await
            });
            let _group = std::mem::ManuallyDrop::new(group);
            obey(ctx).await
        });
        match kill {
            true => process.exit(ExitReason::Kill),
            false => process.send(ExitReason::Normal).await.unwrap(),
        }
        process.exited().await;
        assert!(ends.recv().await.is_err());
    }
}

#[otp::test]
async fn the_scope_of_a_dead_process_is_cancelled(system: System) {
    let handle = inside(&system, async |ctx: ProcessContext<()>| {
        assert!(!ctx.scope().is_cancelled());
        otp::Process::current().unwrap()
    })
    .await;
    system.exited(handle.pid()).await;
    assert!(handle.scope().is_cancelled());
}

#[otp::test]
async fn a_scope_made_while_its_process_is_ending_ends_with_it(system: System) {
    let (tell, told) = async_channel::unbounded();
    let hook = system.on_event(move |event| {
        if let (Event::Exited { .. }, Some(process)) = (event, otp::Process::current()) {
            tell.try_send(process.scope()).unwrap();
        }
    });
    system.spawn(async |_: ProcessContext<()>| {}).exited().await;
    assert!(told.recv().await.unwrap().is_cancelled());
    drop(hook);
}

/// Does something when it wakes: panics, or calls back into the scope.
struct Trap<F>(F);

impl<F: Fn() + Send + Sync> Wake for Trap<F> {
    fn wake(self: Arc<Self>) {
        (self.0)();
    }
}

fn trap(act: impl Fn() + Send + Sync + 'static) -> Waker {
    Waker::from(Arc::new(Trap(act)))
}

#[otp::test]
async fn the_wakers_of_those_in_a_scope_may_panic_and_call_back(system: System) {
    let scope = CancelScope::new(&system);
    let looked = Arc::new(AtomicUsize::new(0));
    let (again, count) = (scope.clone(), looked.clone());
    let curious = trap(move || {
        again.set_deadline(None);
        again.cancel();
        drop(again.run(pending::<()>()));
        count.fetch_add(1, Ordering::SeqCst);
    });
    let mut waits = [(); 3].map(|()| Box::pin(scope.run(pending::<()>())));
    for (wait, waker) in waits.iter_mut().zip([trap(|| std::panic::resume_unwind(Box::new("a trap"))), curious]) {
        // Under one that belongs to nobody, at first: a simulation lets nobody run before, and so wakes nobody.
        for waker in [Waker::noop(), &waker] {
            assert!(wait.as_mut().poll(&mut Context::from_waker(waker)).is_pending());
        }
    }
    let [first, second, third] = waits;
    let mut third = third;
    assert!(begin(&mut third).await.is_pending());
    scope.cancel();
    assert_eq!(third.await, Err(Cancelled));
    assert_eq!((first.await, second.await), (Err(Cancelled), Err(Cancelled)));
    assert_eq!(looked.load(Ordering::SeqCst), 1);
}

/// Runs on a thread with little stack.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(64 * 1024).spawn(test).unwrap().join().unwrap();
}

#[otp::test]
async fn scopes_may_be_nested_as_deep_as_one_likes(system: System) {
    on_a_small_stack(move || {
        let nested = |top: &CancelScope| {
            let mut all = vec![top.clone()];
            while all.len() < 100_000 {
                let last = all.last().unwrap();
                let next = if all.len() % 1000 == 999 { last.shielded() } else { last.child() };
                all.push(next);
            }
            all
        };
        let scope = CancelScope::new(&system);
        let all = nested(&scope);
        let last = all.last().unwrap();
        scope.set_deadline(Some(Duration::MAX));
        scope.cancel();
        // A shielded one holds it up.
        assert!(all[998].is_cancelled() && !all[999].is_cancelled() && !last.is_cancelled());
        drop(last.run(pending::<()>()));
        all[99_000].set_deadline(Some(Duration::ZERO));
        assert!(all[99_500].is_cancelled() && !last.is_cancelled());
        drop(all);
        drop(scope);
        // The outermost first, and then the innermost, which has been the last to hold the others.
        let mut all = nested(&CancelScope::new(&system));
        let last = all.pop().unwrap();
        all.into_iter().for_each(drop);
        drop(last);
        let mut all = nested(&CancelScope::new(&system));
        while all.pop().is_some() {}
    });
}

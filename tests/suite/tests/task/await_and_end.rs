//! A task and the one who waits for its value: SPEC §14.

use std::time::Duration;

use futures::channel::oneshot;
use futures::future::pending;
use otp::supervisor::Shutdown;
use otp::task::{Task, TaskError, TaskOptions, Yielded, await_many, yield_many};
use otp::{ExitReason, Message, Process, ProcessContext, System};
use otp_suite::{Drops, exit, inside};

use super::crashes;

const LONG: Duration = Duration::from_secs(60);

fn reason<T>(result: Result<T, TaskError>) -> ExitReason {
    match result {
        Err(TaskError::Exited { reason, .. }) => reason,
        Err(other) => panic!("not an end: {other}"),
        Ok(_) => panic!("it has a value"),
    }
}

// TASK-1, TASK-2
#[otp::test]
async fn awaiting_gives_the_value_in_any_order_and_leaves_no_message(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        let one = Task::spawn(&ctx, async { 1 });
        let two = Task::spawn(&ctx, async { "two" });
        assert_eq!(two.await, Ok("two"));
        assert_eq!(one.await, Ok(1));
        assert_eq!(ctx.receive_timeout(Duration::ZERO).await, None);
    })
    .await;
}

// TASK-3
#[otp::test]
async fn a_crash_of_a_linked_task_ends_its_owner_with_the_same_reason(system: System) {
    let owner = system.spawn(async |ctx: ProcessContext<()>| {
        let task: Task<()> = Task::spawn(&ctx, crashes::<()>("out of paper"));
        let _ = task.await;
        pending::<()>().await;
    });
    assert_eq!(owner.exited().await, ExitReason::crash("out of paper"));
}

// TASK-3
#[otp::test]
async fn an_owner_that_traps_exits_gets_the_message_and_the_error(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        let task: Task<()> = Task::spawn(&ctx, async { Err(ExitReason::other("no disk")) });
        let pid = task.pid();
        assert_eq!(reason(task.await), ExitReason::other("no disk"));
        let exit = exit(ctx.receive().await);
        assert_eq!((exit.from, exit.reason), (pid, ExitReason::other("no disk")));
    })
    .await;
}

// TASK-4
#[otp::test]
async fn a_task_that_ends_normally_without_a_value_is_an_error(system: System) {
    let task: Task<u32> = Task::spawn(&system, async { Err(ExitReason::Normal) });
    assert_eq!(reason(task.await), ExitReason::Normal);
}

// TASK-5
#[otp::test]
async fn a_crash_of_a_task_without_a_link_is_only_an_error_with_its_reason(system: System) {
    inside(&system, async |ctx: ProcessContext<()>| {
        let task: Task<u32> = TaskOptions::new().link(false).label("printer").spawn(&ctx, crashes::<u32>("no paper"));
        let pid = task.pid();
        let error = task.await.unwrap_err();
        assert_eq!(error.reason(), Some(&ExitReason::crash("no paper")));
        assert_eq!(error.to_string(), format!("the task printer {pid} ended without a value: crash: no paper"));
    })
    .await;
}

// TASK-6
#[otp::test]
async fn a_linked_task_ends_with_its_owner_unless_that_ends_normally(system: System) {
    for (end, survives) in [(ExitReason::other("oops"), false), (ExitReason::Normal, true)] {
        let (tell, told) = oneshot::channel();
        let owner = system.spawn(async move |ctx: ProcessContext<()>| {
            let task: Task<()> = Task::spawn(&ctx, pending::<()>());
            tell.send(task.pid()).unwrap();
            end
        });
        let task = told.await.unwrap();
        let end = owner.exited().await;
        if survives {
            assert!(system.is_alive(task));
            system.exit(task, ExitReason::Kill);
        } else {
            let task_end = system.exited(task).await;
            assert!(task_end == end || task_end == ExitReason::NoProc);
        }
    }
}

// TASK-6
#[otp::test]
async fn a_task_of_a_killed_owner_is_ended_and_its_future_dropped(system: System) {
    let (tell, told) = oneshot::channel();
    let drops = Drops::default();
    let guard = drops.guard();
    let owner = system.spawn(async move |ctx: ProcessContext<()>| {
        let task: Task<()> = Task::spawn(&ctx, async move {
            let _guard = guard;
            pending::<()>().await
        });
        tell.send(task.pid()).unwrap();
        task.no_timeout().await.unwrap();
    });
    let task = system.exited(told.await.unwrap());
    owner.exit(ExitReason::Kill);
    assert_eq!(task.await, ExitReason::Killed);
    assert_eq!(drops.count(), 1);
}

// TASK-7
#[otp::test]
async fn a_wait_that_takes_too_long_is_an_error_and_the_task_goes_on(system: System) {
    let (tell, told) = oneshot::channel::<()>();
    let task: Task<()> = Task::spawn(&system, async { told.await.unwrap() });
    let pid = task.pid();
    let late = task.timeout(Duration::from_millis(1)).await.unwrap_err();
    assert!(matches!(late, TaskError::Timeout { limit, .. } if limit == Duration::from_millis(1)), "{late}");
    let exited = system.exited(pid);
    tell.send(()).unwrap();
    assert_eq!(exited.await, ExitReason::Normal);
}

// TASK-8
#[otp::test]
async fn yielding_gives_a_running_task_back_to_be_asked_again(system: System) {
    let (tell, told) = oneshot::channel();
    let task: Task<u32> = Task::spawn(&system, async { told.await.unwrap() });
    let Yielded::Running(task) = task.yield_for(Duration::ZERO).await else { panic!("it waits") };
    let Yielded::Running(task) = task.yield_for(Duration::from_millis(1)).await else { panic!("it waits") };
    tell.send(7).unwrap();
    assert!(matches!(task.yield_for(LONG).await, Yielded::Done(Ok(7))));
}

// TASK-9
#[otp::test]
async fn shutting_a_task_down_gives_its_value_if_it_has_one_and_leaves_its_owner_alone(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        let limit = Shutdown::Timeout(LONG);
        let done = Task::spawn(&ctx, async { 1 });
        ctx.system().exited(done.pid()).await;
        assert_eq!(done.shutdown(limit).await, Ok(Some(1)));

        let running: Task<u32> = Task::spawn(&ctx, pending::<u32>());
        assert_eq!(running.shutdown(limit).await, Ok(None));
        let killed: Task<u32> = Task::spawn(&ctx, pending::<u32>());
        assert_eq!(killed.shutdown(Shutdown::BrutalKill).await, Ok(None));

        let deaf: Task<u32> = TaskOptions::new().trap_exit(true).spawn(&ctx, pending::<u32>());
        let after = deaf.shutdown(Shutdown::Timeout(Duration::from_millis(1))).await;
        assert_eq!(reason(after), ExitReason::Killed);

        let normal: Task<u32> = Task::spawn(&ctx, async { Err(ExitReason::Normal) });
        ctx.system().exited(normal.pid()).await;
        assert_eq!(reason(normal.shutdown(limit).await), ExitReason::Normal);
        assert_eq!(ctx.receive_timeout(Duration::ZERO).await, None);
    })
    .await;
}

// TASK-10
#[otp::test]
async fn another_process_than_the_owner_cannot_wait_for_a_task(system: System) {
    let owner = inside(&system, async |ctx: ProcessContext<()>| {
        let task = Task::spawn_nolink(&ctx, async { 1 });
        let (owner, system) = (ctx.pid(), ctx.system().clone());
        let asker = async move |ctx: ProcessContext<()>| {
            let asker = ctx.pid();
            let error = task.await.unwrap_err();
            assert!(
                matches!(error, TaskError::NotOwner { owner: o, asker: a, .. } if (o, a) == (owner, asker)),
                "{error}"
            );
        };
        inside(&system, asker).await;
        owner
    })
    .await;
    assert!(!system.is_alive(owner));
}

// TASK-11
#[otp::test]
async fn many_tasks_give_their_values_in_the_order_of_the_list(system: System) {
    let (first, waits) = oneshot::channel();
    let slow: Task<u32> = Task::spawn(&system, async { waits.await.unwrap() });
    let quick = Task::spawn(&system, async move {
        first.send(1).unwrap();
        2
    });
    assert_eq!(await_many([slow, quick], LONG).await, Ok(vec![1, 2]));
    assert_eq!(await_many(Vec::<Task<u32>>::new(), Duration::ZERO).await, Ok(vec![]));
}

// TASK-11
#[otp::test]
async fn waiting_for_many_fails_with_the_first_that_fails_or_is_late(system: System) {
    let never: Task<u32> = Task::spawn(&system, pending::<u32>());
    let fails: Task<u32> = Task::spawn(&system, async { Err(ExitReason::other("oops")) });
    assert_eq!(reason(await_many([never, fails], LONG).await), ExitReason::other("oops"));

    let done = Task::spawn(&system, async { 1 });
    let never: Task<u32> = Task::spawn(&system, pending::<u32>());
    let pid = never.pid();
    let error = await_many([done, never], Duration::from_millis(20)).await.unwrap_err();
    assert!(matches!(error, TaskError::Timeout { pid: late, .. } if late == pid), "{error}");
}

// TASK-11
#[otp::test]
async fn yielding_many_gives_back_those_that_run(system: System) {
    let (tell, told) = oneshot::channel();
    let done = Task::spawn(&system, async { 1 });
    let waits: Task<u32> = Task::spawn(&system, async { told.await.unwrap() });
    let fails: Task<u32> = Task::spawn(&system, async { Err(ExitReason::other("oops")) });
    let pids = [done.pid(), fails.pid()].map(|pid| system.exited(pid));
    futures::future::join_all(pids).await;
    let mut all = yield_many([done, waits, fails], Duration::from_millis(1)).await.into_iter();
    assert!(matches!(all.next(), Some(Yielded::Done(Ok(1)))));
    let Some(Yielded::Running(waits)) = all.next() else { panic!("it waits") };
    assert!(matches!(all.next(), Some(Yielded::Done(Err(TaskError::Exited { .. })))));
    tell.send(3).unwrap();
    assert_eq!(waits.await, Ok(3));
}

// TASK-19
#[otp::test]
async fn a_task_that_is_ignored_goes_on_without_its_owner(system: System) {
    let (tell, told) = oneshot::channel::<()>();
    let task = inside(&system, async |ctx: ProcessContext<()>| {
        let done = Task::spawn(&ctx, async { 3 });
        ctx.system().exited(done.pid()).await;
        assert_eq!(done.ignore(), Some(Ok(3)));

        let task: Task<()> = Task::spawn(&ctx, async move {
            let _ = told.await;
            crashes::<()>("nobody is linked to it").await
        });
        let pid = task.pid();
        assert_eq!(task.ignore(), None);
        assert!(!ctx.is_linked(pid));
        let exited = ctx.system().exited(pid);
        tell.send(()).unwrap();
        assert!(exited.await.is_abnormal());
        pid
    })
    .await;
    assert!(!system.is_alive(task));
}

// TASK-20
#[otp::test]
async fn a_task_that_nobody_waits_for_is_linked_or_not(system: System) {
    let lives = inside(&system, async |mut ctx: ProcessContext<()>| {
        let pid = Task::start(&ctx, async { ExitReason::other("oops") });
        ctx.system().exited(pid).await;
        assert_eq!(ctx.receive_timeout(Duration::ZERO).await, None);
        true
    });
    assert!(lives.await);
    let linked = system.spawn(async |ctx: ProcessContext<()>| {
        Task::start_link(&ctx, async { ExitReason::other("oops") });
        pending::<()>().await;
    });
    assert_eq!(linked.exited().await, ExitReason::other("oops"));
}

#[otp::test]
async fn a_time_limit_ends_a_task_from_within(system: System) {
    let drops = Drops::default();
    let guard = drops.guard();
    let limit = Duration::from_millis(1);
    let task: Task<()> = TaskOptions::new().time_limit(limit).link(false).spawn(&system, async move {
        let _guard = guard;
        pending::<()>().await
    });
    let ExitReason::Other(term) = reason(task.await) else { panic!("it was not the limit") };
    assert_eq!(term.downcast_ref::<otp::scope::Elapsed>().map(|elapsed| elapsed.limit), Some(limit));
    assert_eq!(drops.count(), 1);
}

#[otp::test]
async fn code_of_the_owner_that_is_no_process_may_wait_for_its_task(system: System) {
    inside(&system, async |ctx: ProcessContext<()>| {
        let task = Task::spawn(&ctx, async { 5 });
        let (tell, told) = oneshot::channel();
        ctx.scope().spawn(async move {
            assert!(Process::current().is_none());
            let _ = tell.send(task.await);
        });
        assert_eq!(told.await.unwrap(), Ok(5));
    })
    .await;
}

#[otp::test]
async fn a_task_is_a_process_with_a_label_a_parent_and_a_monitor(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        let (tell, told) = oneshot::channel::<()>();
        let task: Task<()> = TaskOptions::new().label("sums").spawn(&ctx, async { told.await.unwrap() });
        let monitor = ctx.monitor(&task);
        let info = ctx.system().info(task.pid()).unwrap();
        assert_eq!((info.label.unwrap().as_str(), info.parent), ("sums", ctx.pid()));
        assert_eq!((task.label().as_str(), task.owner()), ("sums", Some(ctx.pid())));
        tell.send(()).unwrap();
        task.await.unwrap();
        assert!(matches!(ctx.receive().await, Message::Down(down) if down.monitor == monitor));
    })
    .await;
}

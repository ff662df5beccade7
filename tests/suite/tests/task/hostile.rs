//! Tasks that do what they should not, and owners that do.

use std::time::Duration;

use futures::channel::oneshot;
use futures::future::pending;
use otp::supervisor::Shutdown;
use otp::task::{SpawnTask, Task, TaskError, TaskOutcome, TaskSupervisor, Yielded};
use otp::{ExitReason, ProcessContext, System};
use otp_suite::{Bomb, inside, user};

#[otp::test]
async fn a_task_that_panics_in_drop_is_an_error_and_harms_nobody(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        let task: Task<u32> = Task::spawn_nolink(&ctx, async {
            let _bomb = Bomb("in drop");
            1
        });
        assert_eq!(task.await.unwrap_err().reason(), Some(&ExitReason::crash("in drop")));
        // One that is ended while it waits has the reason of the signal.
        let task: Task<u32> = Task::spawn(&ctx, async {
            let _bomb = Bomb("in drop, at the end");
            pending::<u32>().await
        });
        otp_suite::until(|| ctx.system().info(task.pid()).is_some_and(|info| info.runs > 0)).await;
        assert_eq!(task.shutdown(Shutdown::BrutalKill).await, Ok(None));
        assert_eq!(ctx.receive_timeout(Duration::ZERO).await, None);
    })
    .await;
}

#[otp::test]
async fn a_value_whose_drop_panics_is_dropped_by_a_task_that_nobody_awaits(system: System) {
    let (tell, told) = oneshot::channel::<()>();
    let task = Task::spawn(&system, async {
        told.await.unwrap();
        Bomb("a value")
    });
    let exited = system.exited(task.pid());
    drop(task);
    tell.send(()).unwrap();
    assert_eq!(exited.await, ExitReason::crash("a value"));
}

#[otp::test]
async fn a_task_may_have_tasks_which_end_with_it(system: System) {
    let (tell, told) = oneshot::channel();
    let outer: Task<()> = Task::spawn(&system, async {
        let own = otp::Process::current().unwrap();
        let inner = Task::spawn(&own, async { 20 });
        let sum = inner.await.unwrap() + 22;
        let endless: Task<()> = Task::spawn(&own, pending::<()>());
        tell.send((sum, endless.pid())).unwrap();
        endless.no_timeout().await.unwrap();
    });
    let (sum, endless) = told.await.unwrap();
    assert_eq!(sum, 42);
    let ended = system.exited(endless);
    assert_eq!(outer.shutdown(Shutdown::Infinity).await, Ok(None));
    assert_eq!(ended.await, ExitReason::Shutdown);
}

#[otp::test]
async fn a_limit_of_zero_looks_once(system: System) {
    let done = Task::spawn(&system, async { 1 });
    system.exited(done.pid()).await;
    assert_eq!(done.timeout(Duration::ZERO).await, Ok(1));
    let done = Task::spawn(&system, async { 1 });
    system.exited(done.pid()).await;
    assert!(matches!(done.yield_for(Duration::ZERO).await, Yielded::Done(Ok(1))));
    let done = Task::spawn(&system, async { 1 });
    let never = Task::spawn(&system, pending::<u32>());
    system.exited(done.pid()).await;
    let found = otp::task::yield_many([done, never], Duration::ZERO).await;
    assert!(matches!(&found[..], [Yielded::Done(Ok(1)), Yielded::Running(_)]), "{found:?}");
    let never: Task<()> = Task::spawn(&system, pending::<()>());
    let pid = never.pid();
    assert!(matches!(never.timeout(Duration::ZERO).await, Err(TaskError::Timeout { .. })));
    system.exit(pid, ExitReason::Kill);
}

#[otp::test]
async fn two_systems_do_not_see_each_others_tasks(system: System) {
    let other = System::on(system.runtime().clone());
    let tasks = TaskSupervisor::new().start(&other).await.unwrap();
    inside(&system, async move |mut ctx: ProcessContext<TaskOutcome<u32>>| {
        ctx.tasks().set_limit(0);
        inside(&other, async move |mut theirs: ProcessContext<TaskOutcome<u32>>| {
            // Its pid may be the same; its tasks are not.
            assert_eq!(theirs.tasks().limit(), None);
            theirs.spawn_task(async { 1 }, |end| end.outcome).unwrap();
            assert_eq!(user(theirs.receive().await), TaskOutcome::Value(1));
        })
        .await;
        assert!(ctx.spawn_task(async { 1 }, |end| end.outcome).is_err());
        // A task of the other system tells its value here, all the same.
        let task: Task<u32> = tasks.spawn_nolink(&other, async { 5 }).await.unwrap();
        assert_eq!(task.await, Ok(5));
        tasks.stop().await.unwrap();
        assert_eq!(ctx.receive_timeout(Duration::ZERO).await, None);
    })
    .await;
}

#[otp::test]
async fn an_owner_that_is_killed_while_it_waits_leaves_nothing_behind(system: System) {
    let (tell, told) = oneshot::channel();
    let owner = system.spawn(async move |ctx: ProcessContext<()>| {
        let tasks: Vec<Task<()>> = (0..10).map(|_| Task::spawn(&ctx, pending::<()>())).collect();
        tell.send(tasks.iter().map(Task::pid).collect::<Vec<_>>()).unwrap();
        otp::task::await_many(tasks, Duration::from_secs(60)).await.unwrap();
    });
    let tasks = told.await.unwrap();
    let ends: Vec<_> = tasks.iter().map(|pid| system.exited(*pid)).collect();
    owner.exit(ExitReason::Kill);
    for end in futures::future::join_all(ends).await {
        assert_eq!(end, ExitReason::Killed);
    }
}

//! Tasks under a supervisor: SPEC §14.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::pending;
use otp::supervisor::{ChildError, Dynamic, Restart, Shutdown, StartChildError, Strategy, Supervisor, SupervisorName};
use otp::task::{Task, TaskError, TaskOptions, TaskSpec, TaskSupervisor, TaskSupervisorRef};
use otp::{ExitReason, ProcessContext, System};
use otp_suite::{Drops, exit, inside};

async fn tasks(system: &System) -> TaskSupervisorRef {
    TaskSupervisor::new().start(system).await.unwrap()
}

// TASK-5, TASK-6
#[otp::test]
async fn a_task_under_a_supervisor_is_linked_to_its_owner_or_not(system: System) {
    let tasks = tasks(&system).await;
    let (tell, told) = oneshot::channel();
    let under = tasks.clone();
    let owner = system.spawn(async move |ctx: ProcessContext<()>| {
        let linked: Task<()> = under.spawn(&ctx, pending::<()>()).await.unwrap();
        let free: Task<()> = under.spawn_nolink(&ctx, pending::<()>()).await.unwrap();
        assert!(ctx.is_linked(linked.pid()) && !ctx.is_linked(free.pid()));
        tell.send((linked.pid(), free.pid())).unwrap();
        pending::<()>().await;
    });
    let (linked, free) = told.await.unwrap();
    let ended = system.exited(linked);
    owner.exit(ExitReason::other("oops"));
    assert_eq!(ended.await, ExitReason::other("oops"));
    assert!(system.is_alive(free));
    tasks.stop().await.unwrap();
    assert!(!system.is_alive(free));
}

#[otp::test]
async fn a_task_does_not_run_before_it_is_linked_to_its_owner(system: System) {
    let tasks = tasks(&system).await;
    for _ in 0..20 {
        let under = tasks.clone();
        inside(&system, async move |mut ctx: ProcessContext<()>| {
            ctx.trap_exit(true);
            let task: Task<()> = under.spawn(&ctx, async { Err(ExitReason::other("at once")) }).await.unwrap();
            let exit = exit(ctx.receive().await);
            assert_eq!((exit.from, exit.reason), (task.pid(), ExitReason::other("at once")));
        })
        .await;
    }
}

// TASK-15
#[otp::test]
async fn more_tasks_than_allowed_are_refused_and_their_futures_given_back(system: System) {
    let tasks = TaskSupervisor::new().max_children(1).start(&system).await.unwrap();
    let running = tasks.start_child(TaskSpec::new(pending::<()>)).await.unwrap();
    let refused: Result<Task<u32>, _> = tasks.spawn(&system, async { 7 }).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.error, StartChildError::MaxChildren { limit: 1 });
    let future = refused.into_future().expect("the supervisor is there");
    tasks.terminate_child(running).await.unwrap();
    assert_eq!(tasks.spawn(&system, future).await.unwrap().await, Ok(7));
    assert_eq!(tasks.count_children().await.unwrap().active, 0);
}

#[otp::test]
async fn a_supervisor_that_is_gone_gives_the_future_back(system: System) {
    let tasks = tasks(&system).await;
    tasks.stop().await.unwrap();
    let refused: Result<Task<u32>, _> = tasks.spawn(&system, async { 7 }).await;
    let refused = refused.unwrap_err();
    assert!(matches!(refused.error, StartChildError::Call(_)), "{refused}");
    assert_eq!(refused.into_future().unwrap().await, 7);
}

// TASK-15
#[otp::test]
async fn tasks_are_listed_and_stopped_by_their_pids(system: System) {
    let tasks = tasks(&system).await;
    let one = tasks.start_child(TaskSpec::new(pending::<()>).label("one")).await.unwrap();
    let two = tasks.start_child(TaskSpec::new(pending::<()>)).await.unwrap();
    assert_eq!(tasks.children().await, Ok(vec![two, one]));
    assert_eq!(tasks.which_children().await.unwrap()[1].id.as_str(), "one");
    tasks.terminate_child(one).await.unwrap();
    assert_eq!(tasks.children().await, Ok(vec![two]));
    assert!(matches!(tasks.terminate_child(one).await, Err(ChildError::NotFound { .. })));
}

// TASK-17
#[otp::test]
async fn a_transient_task_runs_again_until_it_succeeds(system: System) {
    let tasks = tasks(&system).await;
    let (tell, mut told) = futures::channel::mpsc::unbounded();
    let runs = Arc::new(AtomicU32::new(0));
    let spec = TaskSpec::new(move || {
        let (run, tell) = (runs.fetch_add(1, Ordering::Relaxed) + 1, tell.clone());
        async move {
            tell.unbounded_send(run).unwrap();
            if run < 3 { Err(ExitReason::other("again")) } else { Ok(()) }
        }
    });
    tasks.start_child(spec.restart(Restart::Transient)).await.unwrap();
    for run in 1..=3 {
        assert_eq!(futures::StreamExt::next(&mut told).await, Some(run));
    }
    // The supervisor drops the spec, and the sender with it, when the task has ended for good.
    assert_eq!(futures::StreamExt::next(&mut told).await, None);
    assert_eq!(tasks.children().await, Ok(vec![]));
}

// TASK-18
#[otp::test]
async fn a_supervisor_that_stops_gives_each_task_its_time_and_then_kills_it(system: System) {
    let tasks = tasks(&system).await;
    inside(&system, async move |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        let linked: Task<()> = tasks.spawn(&ctx, pending::<()>()).await.unwrap();
        let deaf = TaskOptions::new().link(false).trap_exit(true).shutdown(Shutdown::Timeout(Duration::from_millis(5)));
        let deaf: Task<()> = tasks.spawn_with(&ctx, deaf, pending::<()>()).await.unwrap();
        tasks.stop().await.unwrap();
        let pid = linked.pid();
        assert_eq!(linked.await.unwrap_err().reason(), Some(&ExitReason::Shutdown));
        let exit = exit(ctx.receive().await);
        assert_eq!((exit.from, exit.reason), (pid, ExitReason::Shutdown));
        assert_eq!(deaf.await.unwrap_err().reason(), Some(&ExitReason::Killed));
    })
    .await;
}

#[otp::test]
async fn a_start_that_is_given_up_before_the_supervisor_comes_to_it_starts_nothing(system: System) {
    let tasks = tasks(&system).await;
    otp::sys::suspend(&system, tasks.pid().unwrap()).await.unwrap();
    let drops = Drops::default();
    let guard = drops.guard();
    {
        let starting = tasks.spawn(&system, async move {
            let _guard = guard;
            pending::<()>().await;
        });
        let mut starting = Box::pin(starting);
        let started: std::task::Poll<Result<Task<()>, _>> = otp_suite::begin(&mut starting).await;
        assert!(started.is_pending());
    }
    assert_eq!(drops.count(), 1);
    otp::sys::resume(&system, tasks.pid().unwrap()).await.unwrap();
    assert_eq!(tasks.count_children().await.unwrap().specs, 0);
}

#[otp::test]
async fn a_task_supervisor_is_a_child_that_is_found_by_its_name(system: System) {
    const JOBS: SupervisorName<Dynamic> = SupervisorName::new("jobs");
    let spec = TaskSupervisor::supervised(JOBS, || TaskSupervisor::new().max_children(1));
    assert_eq!(spec.id().as_str(), "jobs");
    Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    let jobs = TaskSupervisorRef::named(&system, JOBS);
    let first = jobs.pid().unwrap();
    system.exit(first, ExitReason::Kill);
    let address = otp::Address::named(&system, JOBS);
    let holder = address.await_holder().other_than(first);
    assert_ne!(holder.await.unwrap().pid().unwrap(), Some(first));
    assert_eq!(jobs.spawn(&system, async { 1 }).await.unwrap().await, Ok(1));
}

#[otp::test]
async fn the_owner_of_a_task_is_told_that_its_supervisor_refused_it(system: System) {
    let tasks = TaskSupervisor::new().max_children(0).start(&system).await.unwrap();
    let refused: Result<Task<u32>, _> = tasks.spawn(&system, async { 7 }).await;
    let error = TaskError::from(refused.unwrap_err());
    assert_eq!(
        error.to_string(),
        "the task task was not started: the supervisor has 0 children already, and may not have more"
    );
}

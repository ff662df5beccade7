//! The tasks of a server, and of another process.

use std::time::Duration;

use futures::channel::oneshot;
use futures::future::pending;
use otp::gen_server::{Context, GenServer, Info, Init, Next, NoMessage};
use otp::task::{SpawnTask, TaskEnd, TaskId, TaskOptions, TaskOutcome, TaskState};
use otp::{ExitReason, ProcessContext, ReplyTo, System};
use otp_suite::{Bomb, Drops, inside, until, user};

use super::crashes;

type Mail = (TaskId, TaskOutcome<u32>);

fn mail(end: TaskEnd<u32>) -> Mail {
    (end.id, end.outcome)
}

#[otp::test]
async fn the_outcome_of_a_task_comes_back_as_a_message_of_its_owner(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Mail>| {
        let value = ctx.spawn_task(async { 7 }, mail).unwrap();
        assert_eq!(user(ctx.receive().await), (value, TaskOutcome::Value(7)));
        let crash = ctx.spawn_task(crashes::<u32>("no paper"), mail).unwrap();
        assert_eq!(user(ctx.receive().await), (crash, TaskOutcome::Exited(ExitReason::crash("no paper"))));
        let limit = Duration::from_millis(1);
        let late = ctx.spawn_task_with(TaskOptions::new().time_limit(limit), pending::<u32>(), mail).unwrap();
        assert_eq!(user(ctx.receive().await), (late, TaskOutcome::TimedOut(limit)));
        let cancelled = ctx.spawn_task(pending::<u32>(), mail).unwrap();
        assert!(ctx.tasks().cancel(cancelled));
        assert_eq!(user(ctx.receive().await), (cancelled, TaskOutcome::Cancelled));
        assert!(!ctx.tasks().cancel(cancelled));
        assert_eq!(ctx.tasks().list(), []);
    })
    .await;
}

#[otp::test]
async fn a_task_that_traps_exits_is_cancelled_too(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Mail>| {
        let deaf = ctx.spawn_task_with(TaskOptions::new().trap_exit(true), pending::<u32>(), mail).unwrap();
        assert!(ctx.tasks().cancel(deaf));
        assert_eq!(user(ctx.receive().await), (deaf, TaskOutcome::Cancelled));
    })
    .await;
}

#[otp::test]
async fn a_task_over_the_limit_is_refused_and_its_future_given_back(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Mail>| {
        ctx.tasks().set_limit(1);
        let running = ctx.spawn_task(pending::<u32>(), mail).unwrap();
        let refused = ctx.spawn_task(async { 7 }, mail).unwrap_err();
        assert_eq!(refused.to_string(), "the task task was not started: 1 of 1 tasks run, and 0 wait");
        let future = refused.into_future();
        ctx.tasks().cancel(running);
        ctx.receive().await;
        let again = ctx.spawn_task(future, mail).unwrap();
        assert_eq!(user(ctx.receive().await), (again, TaskOutcome::Value(7)));
    })
    .await;
}

#[otp::test]
async fn tasks_wait_in_line_up_to_a_bound(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Mail>| {
        let tasks = ctx.tasks();
        tasks.set_limit(1);
        tasks.set_queue(2);
        let (tell, told) = oneshot::channel();
        let one = ctx.spawn_task(async { told.await.unwrap() }, mail).unwrap();
        let two = ctx.spawn_task(async { 2 }, mail).unwrap();
        let three = ctx.spawn_task(async { 3 }, mail).unwrap();
        assert!(ctx.spawn_task(async { 4 }, mail).is_err());
        let states: Vec<_> = tasks.list().iter().map(|task| (task.id, task.state == TaskState::Waiting)).collect();
        assert_eq!(states, [(one, false), (two, true), (three, true)]);
        tell.send(1).unwrap();
        for expected in [(one, 1), (two, 2), (three, 3)] {
            assert_eq!(user(ctx.receive().await), (expected.0, TaskOutcome::Value(expected.1)));
        }
        assert_eq!((tasks.running(), tasks.waiting()), (0, 0));
    })
    .await;
}

#[otp::test]
async fn a_task_that_waits_can_be_cancelled_and_its_future_is_dropped(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Mail>| {
        let tasks = ctx.tasks();
        tasks.set_limit(0);
        tasks.set_queue(10);
        let drops = Drops::default();
        let guard = drops.guard();
        let waiting = ctx
            .spawn_task(
                async move {
                    let _guard = guard;
                    1
                },
                mail,
            )
            .unwrap();
        assert!(tasks.cancel(waiting));
        assert_eq!(drops.count(), 1);
        assert_eq!(user(ctx.receive().await), (waiting, TaskOutcome::Cancelled));
        assert!(!tasks.cancel(waiting));
    })
    .await;
}

#[otp::test]
async fn the_limit_may_change_while_tasks_run_and_wait(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Mail>| {
        let tasks = ctx.tasks();
        tasks.set_limit(0);
        tasks.set_queue(10);
        let ids: Vec<_> = (0..4).map(|n| ctx.spawn_task(async move { n }, mail).unwrap()).collect();
        assert_eq!((tasks.running(), tasks.waiting()), (0, 4));
        tasks.set_limit(2);
        let mut done: Vec<_> = Vec::new();
        while done.len() < 4 {
            done.push(user(ctx.receive().await).0);
        }
        done.sort();
        assert_eq!(done, ids);

        // A lower limit leaves alone what runs.
        let endless: Vec<_> = (0..2).map(|_| ctx.spawn_task(pending::<u32>(), mail).unwrap()).collect();
        tasks.set_limit(1);
        assert_eq!(tasks.running(), 2);
        let waits = ctx.spawn_task(async { 9 }, mail).unwrap();
        tasks.cancel(endless[0]);
        ctx.receive().await;
        assert_eq!((tasks.running(), tasks.waiting()), (1, 1));
        tasks.set_limit(None);
        assert_eq!(user(ctx.receive().await), (waits, TaskOutcome::Value(9)));
    })
    .await;
}

#[otp::test]
async fn the_tasks_end_with_their_owner_and_are_its_children(system: System) {
    let drops = Drops::default();
    let (tell, told) = oneshot::channel();
    let guards = [drops.guard(), drops.guard()];
    let owner = system.spawn(async move |ctx: ProcessContext<Mail>| {
        ctx.tasks().set_limit(1);
        ctx.tasks().set_queue(1);
        for guard in guards {
            let work = async move {
                let _guard = guard;
                pending::<u32>().await
            };
            ctx.spawn_task_with(TaskOptions::new().trap_exit(true), work, mail).unwrap();
        }
        let TaskState::Running(Some(task)) = ctx.tasks().list()[0].state else { panic!("it runs") };
        assert_eq!(ctx.system().info(task).unwrap().parent, ctx.pid());
        tell.send(task).unwrap();
        pending::<()>().await;
    });
    let task = system.exited(told.await.unwrap());
    owner.exit(ExitReason::Kill);
    owner.exited().await;
    assert_eq!(task.await, ExitReason::Killed);
    until(|| drops.count() == 2).await;
}

#[otp::test]
async fn a_waiting_task_whose_drop_panics_does_not_keep_the_others_of_a_dead_owner(system: System) {
    let drops = Drops::default();
    let guard = drops.guard();
    let owner = system.spawn(async move |ctx: ProcessContext<Mail>| {
        ctx.tasks().set_limit(0);
        ctx.tasks().set_queue(2);
        let bomb = Bomb("a future's drop");
        let work = async move {
            let _bomb = bomb;
            2
        };
        ctx.spawn_task(work, mail).unwrap();
        ctx.spawn_task(
            async move {
                let _guard = guard;
                3
            },
            mail,
        )
        .unwrap();
    });
    assert_eq!(owner.exited().await, ExitReason::Normal);
    assert_eq!(drops.count(), 1);
}

/// Answers each call with the value of a task.
struct Worker {
    callers: Vec<(TaskId, ReplyTo<TaskOutcome<u32>>)>,
}

impl GenServer for Worker {
    type Args = ();
    type Call = (u32, ReplyTo<TaskOutcome<u32>>);
    type Cast = NoMessage;
    type Info = Mail;
    type Continue = NoMessage;

    async fn init(_: (), ctx: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        ctx.tasks().set_limit(2);
        ctx.tasks().set_queue(100);
        Ok(Init::Ok(Worker { callers: Vec::new() }))
    }

    async fn handle_call(&mut self, (n, from): Self::Call, ctx: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        let work = async move { if n == 3 { panic!("three") } else { n * n } };
        self.callers.push((ctx.spawn_task(work, mail)?, from));
        Ok(Next::Receive)
    }

    async fn handle_info(&mut self, info: Info<Mail>, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        if let Info::Message((id, outcome)) = info {
            let place = self.callers.iter().position(|(task, _)| *task == id).expect("each comes once");
            self.callers.remove(place).1.reply(outcome);
        }
        Ok(Next::Receive)
    }
}

#[otp::test]
async fn a_server_answers_from_its_tasks_and_survives_their_crashes(system: System) {
    let worker = Worker::start(&system, ()).await.unwrap();
    let calls = (0..8).map(|n| {
        let worker = worker.clone();
        async move { worker.call(|from| (n, from)).await.unwrap() }
    });
    let answers = futures::future::join_all(calls).await;
    for (n, answer) in (0..8).zip(answers) {
        let expected = match n {
            3 => TaskOutcome::Exited(ExitReason::crash("three")),
            n => TaskOutcome::Value(n * n),
        };
        assert_eq!(answer, expected);
    }
    worker.stop().await.unwrap();
}

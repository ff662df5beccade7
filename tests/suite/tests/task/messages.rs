//! Tasks whose outcome is a message.

use std::time::Duration;

use futures::channel::oneshot;
use futures::future::pending;
use otp::process::SpawnOptions;
use otp::task::{Task, TaskEnd, TaskOptions, TaskOutcome, TaskSupervisor, spawn_and_notify};
use otp::{ExitReason, Message, ProcessContext, System};
use otp_suite::{Bomb, inside, user};

use super::crashes;

type Mail = TaskOutcome<u32>;

fn outcome(end: TaskEnd<u32>) -> Mail {
    end.outcome
}

#[otp::test]
async fn the_outcome_of_a_task_is_a_message_whichever_way_it_ends(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Mail>| {
        spawn_and_notify(&ctx, ctx.this(), async { 7 }, outcome);
        assert_eq!(user(ctx.receive().await), TaskOutcome::Value(7));

        spawn_and_notify(&ctx, ctx.this(), async { Err(ExitReason::other("oops")) }, outcome);
        assert_eq!(user(ctx.receive().await), TaskOutcome::Exited(ExitReason::other("oops")));

        spawn_and_notify(&ctx, ctx.this(), crashes::<u32>("no paper"), outcome);
        assert_eq!(user(ctx.receive().await), TaskOutcome::Exited(ExitReason::crash("no paper")));

        let limit = Duration::from_millis(1);
        TaskOptions::new().time_limit(limit).spawn_and_notify(&ctx, ctx.this(), pending::<u32>(), outcome);
        assert_eq!(user(ctx.receive().await), TaskOutcome::TimedOut(limit));

        let (_, pid) = TaskOptions::new().spawn_and_notify(&ctx, ctx.this(), pending::<u32>(), outcome);
        ctx.system().exit(pid, ExitReason::Kill);
        assert_eq!(user(ctx.receive().await), TaskOutcome::Exited(ExitReason::Killed));
        assert_eq!(ctx.receive_timeout(Duration::ZERO).await, None);
    })
    .await;
}

#[otp::test]
async fn the_message_names_the_task(system: System) {
    inside(&system, async |mut ctx: ProcessContext<(otp::task::TaskId, String)>| {
        let options = TaskOptions::new().label("sums");
        let name = |end: TaskEnd<()>| (end.id, end.label.as_str().to_owned());
        let (id, _) = options.spawn_and_notify(&ctx, ctx.this(), async {}, name);
        assert_eq!(ctx.receive().await, Message::User((id, "sums".to_owned())));
    })
    .await;
}

#[otp::test]
async fn the_message_waits_for_room_in_a_bounded_mailbox(system: System) {
    let (tell, told) = oneshot::channel();
    let body = async move |mut ctx: ProcessContext<Mail>| {
        ctx.this().try_send(TaskOutcome::Value(0)).unwrap();
        let (_, one) = TaskOptions::new().spawn_and_notify(&ctx, ctx.this(), async { 1 }, outcome);
        let (_, two) = TaskOptions::new().spawn_and_notify(&ctx, ctx.this(), crashes::<u32>("two"), outcome);
        for task in [one, two] {
            ctx.system().exited(task).await;
        }
        let mut all = Vec::new();
        while all.len() < 3 {
            all.push(user(ctx.receive().await));
        }
        tell.send(all).unwrap();
    };
    system.spawn_with(SpawnOptions::new().mailbox(1), body).unwrap();
    let all = told.await.unwrap();
    assert!(all.contains(&TaskOutcome::Value(1)) && all.contains(&TaskOutcome::Exited(ExitReason::crash("two"))));
}

#[otp::test]
async fn a_panic_while_the_future_is_dropped_is_the_outcome(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Mail>| {
        let work = async {
            let _bomb = Bomb("in drop");
            1
        };
        spawn_and_notify(&ctx, ctx.this(), work, outcome);
        assert_eq!(user(ctx.receive().await), TaskOutcome::Exited(ExitReason::crash("in drop")));
    })
    .await;
}

#[otp::test]
async fn a_panic_while_the_message_is_made_harms_nobody_else(system: System) {
    inside(&system, async |mut ctx: ProcessContext<Mail>| {
        let (_, pid) = TaskOptions::new()
            .spawn_and_notify(&ctx, ctx.this(), async { 1 }, |_: TaskEnd<u32>| -> Mail { panic!("no message") });
        ctx.system().exited(pid).await;
        spawn_and_notify(&ctx, ctx.this(), async { 2 }, outcome);
        assert_eq!(user(ctx.receive().await), TaskOutcome::Value(2));
    })
    .await;
}

#[otp::test]
async fn a_task_under_a_supervisor_tells_its_outcome_too(system: System) {
    let tasks = TaskSupervisor::new().start(&system).await.unwrap();
    inside(&system, async move |mut ctx: ProcessContext<Mail>| {
        let task: Task<u32> = tasks.spawn_nolink(&ctx, async { 7 }).await.unwrap();
        let id = task.notify(ctx.this(), outcome);
        assert_eq!(user(ctx.receive().await), TaskOutcome::Value(7));
        let task: Task<u32> = tasks.spawn_nolink(&ctx, pending::<u32>()).await.unwrap();
        let pid = task.pid();
        assert_ne!(task.notify(ctx.this(), outcome), id);
        tasks.terminate_child(pid).await.unwrap();
        assert_eq!(user(ctx.receive().await), TaskOutcome::Exited(ExitReason::Shutdown));
    })
    .await;
}

//! What is dropped at the end of a process, and may panic then.

use futures::channel::oneshot;
use otp::process::{Alias, AliasMode};
use otp::{ExitReason, ProcessContext, System};
use otp_suite::{Bomb, Drops, Guard, exit, forever, inside, obey, user};

use super::processes::crashes;

#[otp::test]
async fn the_state_is_dropped_before_anybody_sees_the_end(system: System) {
    inside(&system, async |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        for kill in [false, true] {
            let dropped = Drops::default();
            let state = dropped.guard();
            let process = ctx.spawn_link(async move |ctx: ProcessContext<ExitReason>| {
                let _state = state;
                obey(ctx).await
            });
            match kill {
                true => process.exit(ExitReason::Kill),
                false => process.send(ExitReason::Normal).await.unwrap(),
            }
            assert_eq!(exit(ctx.receive().await).from, process.pid());
            assert_eq!(dropped.count(), 1);
        }
    })
    .await;
}

#[otp::test]
async fn a_panic_in_the_drop_of_the_state_is_reported_and_changes_nothing_for_others(system: System) {
    let mut events = system.subscribe();
    let pid = inside(&system, async |mut ctx: ProcessContext<()>| {
        ctx.trap_exit(true);
        let bomb = Bomb("in the drop of the state");
        let process = ctx.spawn_link(async move |ctx: ProcessContext<()>| {
            let _bomb = bomb;
            forever(ctx).await;
        });
        process.exit(ExitReason::Kill);
        let exit = exit(ctx.receive().await);
        assert_eq!((exit.from, exit.reason), (process.pid(), ExitReason::Killed));
        process.pid()
    })
    .await;
    assert_eq!(crashes(&mut events), [(Some(pid), "crash: in the drop of the state".to_owned())]);
}

#[otp::test]
async fn each_unread_message_that_panics_when_dropped_is_reported_and_costs_no_other_its_drop(system: System) {
    for reads_one in [false, true] {
        let mut events = system.subscribe();
        let dropped = Drops::default();
        let (go_on, wait) = oneshot::channel::<()>();
        let process = system.spawn(async move |mut ctx: ProcessContext<Result<Guard, Bomb>>| {
            let _ = wait.await;
            if reads_one {
                // With the first message it takes them all over from their senders.
                drop(ctx.receive().await);
            }
        });
        let (first, second, third) = (dropped.guard(), dropped.guard(), dropped.guard());
        for message in [Ok(first), Err(Bomb("one")), Ok(second), Err(Bomb("two")), Ok(third)] {
            process.send(message).await.unwrap();
        }
        go_on.send(()).unwrap();
        assert_eq!(process.exited().await, ExitReason::Normal);
        assert_eq!(dropped.count(), 3);
        let pid = Some(process.pid());
        assert_eq!(crashes(&mut events), [(pid, "crash: one".to_owned()), (pid, "crash: two".to_owned())]);
    }
}

#[otp::test]
async fn messages_that_panic_when_dropped_do_not_make_a_panic_in_the_process_worse(system: System) {
    let process = system.spawn(async move |mut ctx: ProcessContext<Always>| {
        for _ in 0..3 {
            ctx.this().send(Always).await.unwrap();
        }
        std::mem::forget(ctx.receive().await);
        panic!("the first");
    });
    assert_eq!(process.exited().await, ExitReason::crash("the first"));
}

/// Panics whenever it is dropped, also by a thread that panics.
struct Always;

impl Drop for Always {
    fn drop(&mut self) {
        panic!("dropped");
    }
}

/// Sends a last word through an alias when it is dropped.
#[derive(Debug)]
struct LastWord(Option<Alias<LastWord>>);

impl Drop for LastWord {
    fn drop(&mut self) {
        if let Some(alias) = self.0.take() {
            alias.send(LastWord(None));
        }
    }
}

#[otp::test]
async fn a_message_for_an_alias_that_is_off_may_use_the_alias_when_it_is_dropped(system: System) {
    inside(&system, async |mut ctx: ProcessContext<LastWord>| {
        for mode in [AliasMode::Explicit, AliasMode::Reply] {
            let alias = ctx.alias(mode);
            ctx.unalias(&alias);
            alias.send(LastWord(Some(alias.clone())));
        }
        // One that is on gets what its message says at the end.
        let alias = ctx.alias(AliasMode::Explicit);
        alias.send(LastWord(Some(alias.clone())));
        drop(user(ctx.receive().await));
        assert!(user(ctx.receive().await).0.is_none());
        assert!(ctx.try_receive_match(|_| true).is_none());
    })
    .await;
}

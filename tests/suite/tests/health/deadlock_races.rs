//! Cycles of calls that are closed by several threads at the same moment: somebody is told, always.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures::FutureExt;
use futures::channel::oneshot;
use futures::future::{Shared, join_all};
use otp::sim::{Explore, explore};
use otp::{Call, CallError, ExitReason, Message, ProcessContext, ProcessRef, ReplyTo, System};

/// Sent to each process of a ring: whom it calls. Its answer to a call tells whether it was told of a deadlock.
enum Ask {
    Call(ProcessRef<Ask>),
    Answer(ReplyTo<()>),
}

type Gate = Shared<oneshot::Receiver<()>>;

/// Calls the next one when the gate opens, and then answers one call.
async fn call_and_answer(mut ctx: ProcessContext<Ask>, gate: Gate, told: Arc<AtomicUsize>) {
    let Message::User(Ask::Call(next)) = ctx.receive().await else { panic!("it is told first whom to call") };
    let _ = gate.await;
    match Call::new(&next, Ask::Answer).inline(false).no_timeout().await {
        Ok(()) => {}
        Err(CallError::Deadlock { .. }) => drop(told.fetch_add(1, Ordering::Relaxed)),
        Err(error) => panic!("{error}"),
    }
    if let Message::User(Ask::Answer(from)) = ctx.receive().await {
        from.reply(());
    }
}

/// One ring of processes that all call at once. Somebody is told, and then all go on. Returns how many were told.
async fn ring(system: &System, size: usize) -> usize {
    let (told, (open, gate)) = (Arc::new(AtomicUsize::new(0)), oneshot::channel());
    let gate = gate.shared();
    let all: Vec<_> = (0..size)
        .map(|_| {
            let (gate, told) = (gate.clone(), told.clone());
            system.spawn(async move |ctx: ProcessContext<Ask>| call_and_answer(ctx, gate, told).await)
        })
        .collect();
    for (n, one) in all.iter().enumerate() {
        one.try_send(Ask::Call(all[(n + 1) % size].clone())).unwrap_or_else(|_| panic!("it waits for it"));
    }
    drop(open);
    for reason in join_all(all.iter().map(ProcessRef::exited)).await {
        assert_eq!(reason, ExitReason::Normal);
    }
    let told = told.load(Ordering::Relaxed);
    assert!((1..=size).contains(&told), "{told}");
    told
}

#[otp::test]
async fn whoever_closes_a_cycle_at_the_same_moment_one_of_them_is_told(system: System) {
    let rounds = if system.runtime().name() == "sim" { 20 } else { 500 };
    for round in 0..rounds {
        ring(&system, 2 + round % 4).await;
    }
}

#[test]
fn in_every_run_of_two_that_call_each_other_one_is_told_and_the_other_answered() {
    let explored = explore(Explore::new(), async |system: System| {
        assert_eq!(ring(&system, 2).await, 1);
    });
    assert!(explored.complete, "{explored:?}");
}

//! Processes that are polled by the task of the one that woke them, while others wake and end them.

use std::sync::mpsc;

use futures::executor::block_on;
use otp_core::{ExitReason, Message, ProcessContext, ProcessRef, System};

use crate::threads::{run_until_closed, together};

enum Msg {
    Next(ProcessRef<Msg>),
    /// Is passed on so many times; then this is told.
    Token(usize, mpsc::Sender<()>),
}

/// Processes that pass tokens on to the next one, in a ring.
fn ring(system: &System) -> [ProcessRef<Msg>; 3] {
    let ring = [(); 3].map(|()| {
        system.spawn(async |mut ctx: ProcessContext<Msg>| {
            let Message::User(Msg::Next(next)) = ctx.receive().await else { unreachable!("it is the first message") };
            while let Message::User(Msg::Token(left, over)) = ctx.receive().await {
                if left == 0 {
                    let _ = over.send(());
                } else {
                    let _ = next.try_send(Msg::Token(left - 1, over));
                }
            }
        })
    });
    for (at, process) in ring.iter().enumerate() {
        process.try_send(Msg::Next(ring[(at + 1) % ring.len()].clone())).expect("it is alive");
    }
    ring
}

/// Sends a token round, and waits until it is over: it has arrived, or was lost with a process.
fn pass(to: &ProcessRef<Msg>, times: usize) {
    let (over, is_over) = mpsc::channel();
    let _ = to.try_send(Msg::Token(times, over));
    let _ = is_over.recv();
}

/// A ring whose processes hand over.
fn proved(system: &System, polls: impl Fn() -> usize) -> [ProcessRef<Msg>; 3] {
    const TIMES: usize = 90;
    let ring = ring(system);
    pass(&ring[0], TIMES);
    let before = polls();
    pass(&ring[0], TIMES);
    assert!(polls() - before < TIMES / 2, "they need no turn of the executor for each message");
    ring
}

#[test]
fn tokens_meet_in_a_ring_and_are_sent_by_other_threads() {
    run_until_closed(|system, threads| {
        let ring = proved(system, || threads.polls());
        let [first, second, third] = ring.each_ref().map(|to| move || (0..4).for_each(|_| pass(to, 20)));
        together([&first, &second, &third]);
    });
}

#[test]
fn a_process_is_killed_while_it_is_handed_over_or_its_task_is_lent() {
    run_until_closed(|system, threads| {
        for _ in 0..3 {
            let ring = proved(system, || threads.polls());
            let passes = || (0..4).for_each(|_| pass(&ring[0], 20));
            let kill = || ring[1].exit(ExitReason::Kill);
            let wait = || assert_eq!(block_on(ring[1].exited()), ExitReason::Killed);
            together([&passes, &kill, &wait]);
        }
    });
}

#[test]
fn an_executor_is_dropped_while_its_tasks_are_lent() {
    run_until_closed(|system, threads| {
        let ring = proved(system, || threads.polls());
        let passes = || (0..4).for_each(|_| pass(&ring[0], 20));
        let close = || threads.close();
        together([&passes, &close]);
        drop(ring);
        assert_eq!(system.process_count(), 0);
    });
}

//! Models of the run lock: one thread at a time polls a process, and no wake-up is lost.

use std::sync::Arc;
use std::task::Poll;

use loom::alloc::Track;
use loom::sync::Mutex;
use loom::thread;

use super::executor::{Bench, run};
use super::explore;
use crate::call::{Call, CallError, ReplyTo};
use crate::exit::ExitReason;
use crate::process::{Message, ProcessContext};

#[test]
fn messages_that_arrive_as_a_poll_ends_wake_the_process() {
    explore(Some(3), || {
        let bench = Bench::new();
        let (process, task) = bench.spawn(async |mut ctx: ProcessContext<u8>| {
            assert_ne!(ctx.receive().await, ctx.receive().await);
        });
        let executor = thread::spawn(move || task.run());
        let sender = {
            let process = process.clone();
            thread::spawn(move || process.try_send(1).expect("it waits for it"))
        };
        process.try_send(2).expect("it waits for it");
        sender.join().unwrap();
        executor.join().unwrap();
        assert_eq!(run(process.exited()), ExitReason::Normal);
    });
}

#[test]
fn a_future_that_is_woken_as_its_poll_ends_is_polled_again() {
    explore(Some(3), || {
        let bench = Bench::new();
        let event = Arc::new(Mutex::new((false, None)));
        let seen = event.clone();
        let (process, task) = bench.spawn(async move |_: ProcessContext<()>| {
            std::future::poll_fn(|cx| {
                let mut event = seen.lock().unwrap();
                if event.0 {
                    return Poll::Ready(());
                }
                event.1 = Some(cx.waker().clone());
                Poll::Pending
            })
            .await;
        });
        let executor = thread::spawn(move || task.run());
        let waker = {
            let mut event = event.lock().unwrap();
            event.0 = true;
            event.1.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
        executor.join().unwrap();
        assert_eq!(run(process.exited()), ExitReason::Normal);
    });
}

#[test]
fn a_kill_that_arrives_as_a_poll_ends_is_seen() {
    explore(Some(3), || {
        let bench = Bench::new();
        let (process, task) = bench.spawn(async |mut ctx: ProcessContext<u8>| {
            ctx.receive().await;
            ctx.receive().await;
        });
        let executor = thread::spawn(move || task.run());
        process.try_send(1).expect("nobody has killed it");
        process.exit(ExitReason::Kill);
        executor.join().unwrap();
        assert_eq!(run(process.exited()), ExitReason::Killed);
    });
}

/// The executor drops its task, which ends the process, while a caller runs it or is about to.
#[test]
fn a_process_whose_executor_goes_away_ends_once_whoever_runs_it() {
    explore(Some(3), || {
        let bench = Bench::new();
        let (server, server_task) = bench.parked(async |mut ctx: ProcessContext<ReplyTo<Track<u8>>>| {
            loop {
                if let Message::User(from) = ctx.receive().await {
                    from.reply(Track::new(7));
                }
            }
        });
        let callee = server.clone();
        let (caller, caller_task) =
            bench.spawn(async move |_: ProcessContext<()>| match Call::new(&callee, |from| from).no_timeout().await {
                Ok(reply) => assert_eq!(reply.into_inner(), 7),
                Err(CallError::Exited { reason, .. }) => assert_eq!(reason, ExitReason::Killed),
                Err(CallError::NoProc(_)) => {}
                Err(error) => panic!("{error}"),
            });
        let executor = thread::spawn(move || caller_task.run());
        drop(server_task);
        executor.join().unwrap();
        assert_eq!(run(server.exited()), ExitReason::Killed);
        assert_eq!(run(caller.exited()), ExitReason::Normal);
    });
}

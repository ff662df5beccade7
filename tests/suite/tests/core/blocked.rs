//! Processes that block their thread until a future of the library is ready: a signal that ends them reaches them there.

#![expect(clippy::disallowed_methods, reason = "the thread that kills is none of the executor's, which is blocked")]

use std::convert::Infallible;
use std::future::{pending, poll_fn, ready};
use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::task::Context;
use std::time::Duration;

use futures::executor::block_on;
use futures::future::join_all;
use futures::stream::FuturesUnordered;
use futures::{FutureExt, StreamExt};
use otp::event::Event;
use otp::prelude::*;
use otp::scope::{CancelScope, TaskGroup};
use otp_suite::{Drops, forever, inside, until};

const NEVER: Duration = Duration::from_secs(1_000_000);

type Question = ReplyTo<u32>;

/// What a process is blocked in.
type Block = fn(&System, ProcessContext<Question>, &mpsc::Sender<()>);

/// Waits by blocking the thread; says so once it does.
fn block<F: Future>(future: F, blocked: &mpsc::Sender<()>) -> F::Output {
    let mut future = pin!(future);
    let mut is_told = false;
    block_on(poll_fn(|cx| {
        let polled = future.as_mut().poll(cx);
        if polled.is_pending() && !std::mem::replace(&mut is_told, true) {
            blocked.send(()).unwrap();
        }
        polled
    }))
}

/// A process with room for one message, which it has.
fn full(system: &System) -> ProcessRef<u32> {
    let process = system.spawn_with(SpawnOptions::new().mailbox(1), forever::<u32>).unwrap().process;
    process.try_send(1).unwrap();
    process
}

/// Each wait of the library that can tell no error: the process leaves it by unwinding.
fn waits() -> Vec<(&'static str, Block)> {
    vec![
        ("receive", |_, mut ctx, blocked| drop(block(ctx.receive(), blocked))),
        ("receive_timeout", |_, mut ctx, blocked| drop(block(ctx.receive_timeout(NEVER), blocked))),
        ("sleep", |system, _, blocked| block(system.sleep(NEVER), blocked)),
        ("send", |system, _, blocked| drop(block(full(system).send(2), blocked))),
        ("exited", |system, _, blocked| drop(block(system.spawn(forever::<()>).exited(), blocked))),
        ("timeout", |system, _, blocked| block(system.timeout(NEVER, pending::<()>()), blocked).unwrap()),
        ("scope", |system, _, blocked| block(CancelScope::new(system).run(pending()), blocked).unwrap()),
        ("events", |system, _, blocked| {
            let mut events = system.subscribe();
            block(async { while !matches!(events.next().await, Event::Lost(_)) {} }, blocked);
        }),
        ("group", |system, _, blocked| {
            let mut group = TaskGroup::<Infallible, String>::new(system);
            group.spawn(pending());
            drop(block(group.join(), blocked));
        }),
    ]
}

/// Each wait that fails with an error, which is given to `check`.
fn calls(system: &System, check: &mut dyn FnMut(&str, Option<CallError>), blocked: &mpsc::Sender<()>) {
    let silent = system.spawn(forever::<Question>);
    let call = || Call::new(&silent, |from| from);
    check("call", block(call(), blocked).err());
    check("without a limit", block(call().no_timeout(), blocked).err());
    let full = system.spawn_with(SpawnOptions::new().mailbox(1), forever::<Question>).unwrap().process;
    drop(Call::new(&full, |from| from).send_request());
    check("full", block(Call::new(&full, |from| from).no_timeout(), blocked).err());
    check("request", block(call().send_request(), blocked).err());
    check("timeout", block(system.timeout(NEVER, call()), blocked).unwrap().err());
    let all = block(join_all((0..50).map(|_| call())), blocked);
    all.into_iter().for_each(|answer| check("many at once", answer.err()));
}

/// Ends a process from a thread that is none of the executor's, once it is blocked.
fn end_once_blocked(process: ProcessRef<Question>, reason: ExitReason, blocked: mpsc::Receiver<()>) {
    std::thread::spawn(move || {
        blocked.recv().unwrap();
        process.exit(reason);
    });
}

// In a simulation there is no other thread.
#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_process_that_is_blocked_in_a_wait_is_ended_there(system: System) {
    let crashes = system.subscribe();
    for (_, wait) in waits() {
        for reason in [ExitReason::Kill, ExitReason::Shutdown, ExitReason::other("for no reason")] {
            let dropped = Drops::default();
            let guard = dropped.guard();
            let (tell, blocked) = mpsc::channel();
            let process = system.spawn(async move |ctx: ProcessContext<Question>| {
                let _guard = guard;
                let system = ctx.system().clone();
                wait(&system, ctx, &tell);
                unreachable!("it is not to go on");
            });
            let ended = if reason == ExitReason::Kill { ExitReason::Killed } else { reason.clone() };
            end_once_blocked(process.clone(), reason, blocked);
            assert_eq!(process.exited().await, ended);
            assert_eq!(dropped.count(), 1);
        }
    }
    assert_none_crashed(crashes);
    system.shutdown(Duration::from_secs(5)).await;
}

fn assert_none_crashed(mut events: otp::event::Events) {
    while let Some(event) = events.try_next() {
        assert!(!matches!(event, Event::Crashed(_)), "{event:?}");
    }
}

/// On every backend: the process blocks when it is to end already.
#[otp::test]
async fn a_process_that_is_to_end_does_not_block_in_a_wait(system: System) {
    let crashes = system.subscribe();
    for (_, wait) in waits() {
        let process = system.spawn(async move |ctx: ProcessContext<Question>| {
            let system = ctx.system().clone();
            system.exit(ctx.pid(), ExitReason::Kill);
            wait(&system, ctx, &mpsc::channel().0);
            unreachable!("it is not to go on");
        });
        assert_eq!(process.exited().await, ExitReason::Killed);
    }
    assert_none_crashed(crashes);
    system.shutdown(Duration::from_secs(5)).await;
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_call_in_which_a_process_is_blocked_that_is_to_end_fails(system: System) {
    let (tell, blocked) = mpsc::channel();
    let (answer, answers) = futures::channel::oneshot::channel();
    let process = system.spawn(async move |ctx: ProcessContext<Question>| {
        let mut failed = Vec::new();
        calls(ctx.system(), &mut |what, error| failed.push((what.to_owned(), error)), &tell);
        answer.send(failed).unwrap();
        ctx.yield_now().await;
        unreachable!("it ends where it waits");
    });
    end_once_blocked(process.clone(), ExitReason::Kill, blocked);
    assert_eq!(process.exited().await, ExitReason::Killed);
    let failed = answers.await.unwrap();
    assert_eq!(failed.len(), 55);
    for (what, error) in failed {
        let Some(error @ CallError::Interrupted(_)) = error else { panic!("{what}: {error:?}") };
        assert!(error.to_string().ends_with("was interrupted: the caller is to end, and blocks its thread"), "{error}");
    }
    system.shutdown(Duration::from_secs(5)).await;
}

#[otp::test]
async fn a_process_that_calls_again_and_again_while_it_is_to_end_is_ended_all_the_same(system: System) {
    let process = system.spawn(async |ctx: ProcessContext<Question>| {
        let silent = ctx.system().spawn(forever::<Question>);
        ctx.system().exit(ctx.pid(), ExitReason::Kill);
        while block_on(Call::new(&silent, |from| from)).is_err() {}
        unreachable!("nobody answers");
    });
    assert_eq!(process.exited().await, ExitReason::Killed);
    // So is one that does not block, but looks again and again.
    let process = system.spawn(async |ctx: ProcessContext<Question>| {
        let silent = ctx.system().spawn(forever::<Question>);
        ctx.system().exit(ctx.pid(), ExitReason::Kill);
        loop {
            let mut request = Call::new(&silent, |from| from).send_request();
            while request.check().is_none() {}
        }
    });
    assert_eq!(process.exited().await, ExitReason::Killed);
    system.shutdown(Duration::from_secs(5)).await;
}

/// Waits by blocking when it is dropped, and says that it has.
struct Farewell(System, mpsc::Sender<()>);

impl Drop for Farewell {
    fn drop(&mut self) {
        let echo = self.0.spawn(async |_: ProcessContext<()>| ());
        block_on(self.0.sleep(Duration::from_millis(1)));
        block_on(echo.exited());
        self.1.send(()).unwrap();
    }
}

// A thread that runs all processes cannot wait for one of them.
#[otp::test(backends = [smol])]
async fn what_is_dropped_when_a_blocked_process_is_ended_may_wait_by_blocking(system: System) {
    let (tell, blocked) = mpsc::channel();
    let (told, tells) = mpsc::channel();
    let farewell = Farewell(system.clone(), told);
    let process = system.spawn(async move |ctx: ProcessContext<Question>| {
        let _farewell = farewell;
        block(ctx.system().sleep(NEVER), &tell);
    });
    end_once_blocked(process.clone(), ExitReason::Kill, blocked);
    assert_eq!(process.exited().await, ExitReason::Killed);
    assert_eq!(tells.try_recv(), Ok(()));
}

#[otp::test]
async fn what_combines_futures_sees_nothing_of_it(system: System) {
    let process = system.spawn(async |mut ctx: ProcessContext<Question>| {
        let system = ctx.system().clone();
        let silent = system.spawn(forever::<Question>);
        let mut all: FuturesUnordered<_> = (0..100).map(|_| Call::new(&silent, |from| from).no_timeout()).collect();
        // So many that are ready, one after the other, do not count.
        let mut ready: FuturesUnordered<_> = (0..10_000).map(ready).collect();
        assert!(all.next().now_or_never().is_none());
        system.exit(ctx.pid(), ExitReason::Kill);
        while ready.next().await.is_some() {}
        let sleeps = join_all((0..100).map(|_| system.sleep(NEVER)));
        futures::select! {
            answer = all.next() => unreachable!("{answer:?}"),
            _ = sleeps.fuse() => unreachable!(),
            _ = ctx.receive().fuse() => unreachable!(),
        }
    });
    assert_eq!(process.exited().await, ExitReason::Killed);
    system.shutdown(Duration::from_secs(5)).await;
}

#[otp::test(backends = [tokio, tokio_current, smol])]
async fn a_blocked_process_that_traps_exits_is_only_ended_by_kill(system: System) {
    let (tell, blocked) = mpsc::channel();
    let process = system.spawn(async move |mut ctx: ProcessContext<Question>| {
        ctx.trap_exit(true);
        let told = block(ctx.receive(), &tell);
        assert!(matches!(told, Message::Exit(exit) if exit.reason == ExitReason::Shutdown));
        block(ctx.receive(), &tell);
    });
    let killed = process.clone();
    std::thread::spawn(move || {
        blocked.recv().unwrap();
        killed.exit(ExitReason::Shutdown);
        blocked.recv().unwrap();
        killed.exit(ExitReason::Kill);
    });
    assert_eq!(process.exited().await, ExitReason::Killed);
}

#[test]
fn a_wait_that_is_over_is_forgotten() {
    otp::tokio::TokioExecutor::current_thread()
        .run(async |system| {
            inside(&system, async |ctx: ProcessContext<()>| {
                let dropped = Drops::default();
                for _ in 0..100 {
                    let guard = Mutex::new(Some(dropped.guard()));
                    let waker = futures::task::waker(Arc::new(Kept(guard)));
                    let mut sleep = ctx.system().sleep(NEVER);
                    for _ in 0..3 {
                        assert!(pin!(&mut sleep).poll(&mut Context::from_waker(&waker)).is_pending());
                    }
                }
                assert_eq!(dropped.count(), 100);
            })
            .await;
            until(|| system.process_count() == 0).await;
        })
        .unwrap();
}

struct Kept(#[expect(dead_code, reason = "it is only dropped")] Mutex<Option<otp_suite::Guard>>);

impl futures::task::ArcWake for Kept {
    fn wake_by_ref(_: &Arc<Kept>) {}
}

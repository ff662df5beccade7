//! What the library promises, tested on every backend. The tests are in `tests/`, a program for each crate and a file
//! for each idea; here is what several of them need.

#![forbid(unsafe_code)]
#![allow(clippy::exhaustive_enums, clippy::exhaustive_structs, reason = "nobody builds on a test")]

pub mod http;
pub mod journal;
pub mod seeds;
pub mod servers;
pub mod trees;
pub mod versions;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;

use futures::channel::oneshot;
use futures::{FutureExt, poll};
use otp::process::{Crash, Down, Exit};
use otp::{ExitReason, Message, ProcessContext, ProcessRef, System};

/// Runs `body` as a process and gives what it returns, once the process has ended. A panic in it fails the test.
pub async fn inside<M, T, F, Fut>(system: &System, body: F) -> T
where
    M: Send + 'static,
    T: Send + 'static,
    F: FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
    Fut: Future<Output = T> + Send + 'static,
{
    let (tell, told) = oneshot::channel();
    let process = system.spawn(async move |ctx: ProcessContext<M>| {
        let output = body(ctx).await;
        assert!(tell.send(output).is_ok(), "the test has gone");
    });
    let reason = process.exited().await;
    told.await.unwrap_or_else(|_| panic!("the process of the test ended with: {reason}"))
}

/// The body of a process that ends with the first reason it is sent, and swallows all else.
pub async fn obey(mut ctx: ProcessContext<ExitReason>) -> ExitReason {
    loop {
        if let Message::User(reason) = ctx.receive().await {
            return reason;
        }
    }
}

/// The body of a process that reads nothing and never ends by itself.
pub async fn forever<M: Send + 'static>(ctx: ProcessContext<M>) {
    let _ctx = ctx;
    std::future::pending().await
}

/// The pid and the reason of an exit message; any other message fails the test.
#[track_caller]
pub fn exit<M: std::fmt::Debug>(message: Message<M>) -> Exit {
    match message {
        Message::Exit(exit) => exit,
        other => panic!("not an exit message: {other:?}"),
    }
}

/// What a `Down` says; any other message fails the test.
#[track_caller]
pub fn down<M: std::fmt::Debug>(message: Message<M>) -> Down {
    match message {
        Message::Down(down) => down,
        other => panic!("not a Down: {other:?}"),
    }
}

/// The user's message; any other fails the test.
#[track_caller]
pub fn user<M: std::fmt::Debug>(message: Message<M>) -> M {
    match message {
        Message::User(message) => message,
        other => panic!("not a message of a user: {other:?}"),
    }
}

/// The text of the panic with which something that is awaited fails.
pub async fn failure<T: std::fmt::Debug>(future: impl IntoFuture<Output = T>) -> String {
    match AssertUnwindSafe(future.into_future()).catch_unwind().await {
        Ok(output) => panic!("it did not fail, and gave {output:?}"),
        Err(panic) => Crash::from_panic(panic).message().to_owned(),
    }
}

/// The text of the panic of `act`.
pub fn caught(act: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(act)).expect_err("it did not panic");
    Crash::from_panic(panic).message().to_owned()
}

/// One reason of each kind.
pub fn reasons() -> Vec<ExitReason> {
    vec![
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with("for today"),
        ExitReason::Kill,
        ExitReason::Killed,
        ExitReason::NoProc,
        ExitReason::NoConnection,
        ExitReason::other(("disk", 17)),
        ExitReason::crash("out of paper"),
    ]
}

/// Lets others run until `done` holds: for a state that tells nobody when it is reached.
pub async fn until(mut done: impl FnMut() -> bool) {
    while !done() {
        otp::process::yield_now().await;
    }
}

/// Polls a future until it has done what it does at first, such as to send a request: in a simulation it lets others run
/// before, and each one that is nested in it does.
pub async fn begin<F: Future + Unpin>(future: &mut F) -> Poll<F::Output> {
    for _ in 0..3 {
        if let Poll::Ready(output) = poll!(&mut *future) {
            return Poll::Ready(output);
        }
    }
    Poll::Pending
}

/// Waits until a process waits for something, or has ended.
pub async fn idle<M: Send + 'static>(process: &ProcessRef<M>) {
    until(|| process.system().info(process.pid()).is_none_or(|info| info.status == otp::process::Status::Waiting))
        .await;
}

/// Panics with its text when it is dropped, unless its thread panics already.
#[derive(Debug)]
pub struct Bomb(pub &'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            panic!("{}", self.0);
        }
    }
}

/// Counts how many of its guards have been dropped.
#[derive(Clone, Debug, Default)]
pub struct Drops(Arc<AtomicUsize>);

/// Counted when it is dropped.
#[derive(Debug)]
pub struct Guard(Drops);

impl Drops {
    /// One more thing to count.
    pub fn guard(&self) -> Guard {
        Guard(self.clone())
    }

    /// How many guards have been dropped.
    pub fn count(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// The README's examples, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}

/// The page on applications.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/applications.md")]
mod applications {}

/// The page on servers that never hang.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/health.md")]
mod health {}

/// The page on configuration, whose program is run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/configuration.md")]
mod configuration {}
/// The page on the observer.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/observer.md")]
mod observer_page {}

/// The page on pages of operation.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/http.md")]
mod http_page {}

/// The page on backends, whose backend passes the suite for backends.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/write-a-backend.md")]
mod write_a_backend {}

/// The page on behaviours, whose behaviour is run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/write-a-behaviour.md")]
mod write_a_behaviour {}

/// The page on tasks, whose examples are whole programs.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/tasks.md")]
mod tasks {}

/// The page on threads, whose programs are run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/threads.md")]
mod threads {}

/// The recipes, which are whole programs.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/recipes.md")]
mod recipes {}

/// The page on agents, whose program is run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/agents.md")]
mod agents {}

/// The page on groups and partitions, whose programs are run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/groups.md")]
mod groups {}

/// The page on registries.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/registry.md")]
mod registry {}

/// The page on tables, whose programs are run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/tables.md")]
mod tables {}
/// The page on event managers and topics, whose programs are run.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/events.md")]
mod events {}

/// The page on pools.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/pools.md")]
mod pools {}

/// The page on load.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/load.md")]
mod load {}

/// The page on errors, whose examples assert what it says.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/errors.md")]
mod errors {}

/// The page on state that is handed over.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/state-hand-over.md")]
mod state_hand_over {}

/// The page on looking into a running system, and changing its code.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/live-systems.md")]
mod live_systems {}

//! Models of processes that are started and ended by the one that waits for that, against everything that may happen to
//! them meanwhile.

use std::sync::{Arc, Mutex};

use loom::thread;

use super::executor::{Bench, run};
use super::explore;
use crate::behaviour::{at_once, exit_at_once, options};
use crate::exit::ExitReason;
use crate::process::{Message, ProcessContext};

#[test]
fn a_wake_up_of_a_process_that_has_no_task_makes_one() {
    explore(Some(2), || {
        let bench = Bench::new();
        let sender = Arc::new(Mutex::new(None));
        let sends = sender.clone();
        let (starter, mut task) = bench.spawn(async move |ctx: ProcessContext<()>| {
            let options = at_once(options(|| "it"));
            let started = ctx.spawn_with(options, async move |mut ctx: ProcessContext<()>| {
                let this = ctx.this();
                *sends.lock().unwrap() = Some(thread::spawn(move || this.try_send(()).expect("it waits for it")));
                assert_eq!(ctx.receive().await, Message::User(()));
            });
            let started = started.expect("it has no name").process;
            assert_eq!(started.exited().await, ExitReason::Normal);
        });
        let started = task.poll();
        let sender = sender.lock().unwrap().take().expect("it has run");
        sender.join().unwrap();
        // It may have received the message in its first run.
        if let Some(woken) = bench.fetch_if_any() {
            woken.run();
        }
        if started.is_pending() {
            task.run();
        }
        assert_eq!(run(starter.exited()), ExitReason::Normal);
        assert!(bench.fetch_if_any().is_none(), "it has one task at the most");
    });
}

#[test]
fn a_process_that_begins_as_its_executor_is_dropped_ends_with_it() {
    explore(Some(2), || {
        let bench = Bench::new();
        let (starter, mut task) = bench.spawn(async |mut ctx: ProcessContext<()>| {
            loop {
                let waits = async |mut ctx: ProcessContext<()>| drop(ctx.receive().await);
                ctx.spawn_with(at_once(options(|| "it")), waits).expect("it has no name");
                ctx.receive().await;
            }
        });
        // The first one calls the guardian.
        assert!(task.poll().is_pending());
        let guardian = bench.take_all();
        assert_eq!((guardian.len(), bench.system.process_count()), (1, 2));
        starter.try_send(()).expect("it waits for it");
        let executor = thread::spawn(move || drop(guardian));
        assert!(task.poll().is_pending());
        executor.join().unwrap();
        drop((task, bench.take_all()));
        assert_eq!(bench.system.process_count(), 0);
    });
}

#[test]
fn a_process_that_is_ended_at_once_may_be_woken_killed_and_polled_meanwhile() {
    explore(Some(2), || {
        let bench = Bench::new();
        let body = async |mut ctx: ProcessContext<()>| while ctx.receive().await == Message::User(()) {};
        let server = bench.system.spawn_with(options(|| "it"), body).expect("it has no name").process;
        let mut task = bench.fetch();
        assert!(task.poll().is_pending());
        let executor = thread::spawn(move || task.run());
        let (system, pid) = (bench.system.clone(), server.pid());
        let (stopper, task) = bench.spawn(async move |_: ProcessContext<()>| {
            let reason = exit_at_once(&system, pid, ExitReason::Shutdown).await;
            assert!(matches!(reason, ExitReason::Shutdown | ExitReason::Killed | ExitReason::NoProc), "{reason}");
        });
        let stops = thread::spawn(move || task.run());
        let _ = server.try_send(());
        server.exit(ExitReason::Kill);
        stops.join().unwrap();
        executor.join().unwrap();
        assert_eq!(run(stopper.exited()), ExitReason::Normal);
        assert_eq!(bench.system.process_count(), 0);
    });
}

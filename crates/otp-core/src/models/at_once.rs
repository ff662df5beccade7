//! Models of processes that are started and ended by the one that waits for that, against everything that may happen to
//! them meanwhile.

use loom::thread;

use super::executor::{Bench, run};
use super::explore;
use crate::behaviour::{at_once, exit_at_once, options};
use crate::exit::ExitReason;
use crate::process::{Message, ProcessContext};

#[test]
fn a_wake_up_of_a_process_that_has_no_task_yet_is_not_lost() {
    explore(Some(2), || {
        let bench = Bench::new();
        let (starter, mut task) = bench.spawn(async |ctx: ProcessContext<()>| {
            let options = at_once(options(|| "it"));
            let started = ctx.spawn_with(options, async |mut ctx: ProcessContext<()>| {
                let this = ctx.this();
                let sender = thread::spawn(move || this.try_send(()).expect("it waits for it"));
                assert_eq!(ctx.receive().await, Message::User(()));
                sender.join().unwrap();
            });
            let started = started.expect("it has no name").process;
            assert_eq!(started.exited().await, ExitReason::Normal);
        });
        let started = task.poll();
        // It may have ended in its first run.
        if let Some(first) = bench.fetch_if_any() {
            first.run();
        }
        if started.is_pending() {
            task.run();
        }
        assert_eq!(run(starter.exited()), ExitReason::Normal);
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
            let exited = system.exited(pid);
            exit_at_once(&system, pid, ExitReason::Shutdown);
            let reason = exited.await;
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

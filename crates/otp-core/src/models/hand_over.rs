//! Models of processes that are polled by the task of the one that woke them, against everything else that may poll, wake or
//! end the two meanwhile.

use std::sync::Arc;

use loom::sync::{Condvar, Mutex};
use loom::thread;

use super::executor::{Bench, Fiber, run};
use super::explore;
use crate::exit::ExitReason;
use crate::process::{Message, ProcessContext, ProcessRef};
use crate::runtime::Task;

/// A process that waits, and its task.
type Parked = (ProcessRef<()>, Fiber<Task>);

/// One that wakes `next` when it is woken, and goes on until it has been woken `times` times.
fn waker(bench: &Bench, next: ProcessRef<()>, times: usize) -> Parked {
    bench.parked(async move |mut ctx: ProcessContext<()>| {
        for _ in 0..times {
            assert_eq!(ctx.receive().await, Message::User(()));
            // It may have been ended by then.
            let _ = next.try_send(());
        }
    })
}

fn ends_when_woken(bench: &Bench) -> Parked {
    bench.parked(async |mut ctx: ProcessContext<()>| assert_eq!(ctx.receive().await, Message::User(())))
}

/// Polls all tasks that were made beside those of the processes, as other threads of an executor would.
fn poll_others(bench: &Bench) {
    bench.take_all().into_iter().for_each(|task| run(task));
}

#[test]
fn a_process_is_polled_by_the_task_of_the_one_that_wakes_it() {
    explore(Some(2), || {
        let bench = Bench::handing_over();
        let (second, _second_task) = ends_when_woken(&bench);
        let (first, mut first_task) = waker(&bench, second.clone(), 1);
        first.try_send(()).expect("it waits for it");
        assert!(first_task.poll().is_ready());
        assert_eq!((first.is_alive(), second.is_alive()), (false, false));
    });
}

#[test]
fn a_process_whose_task_polls_another_is_polled_by_a_second_task_when_it_is_woken() {
    explore(Some(2), || {
        let bench = Bench::handing_over();
        let told = Arc::new((Mutex::new(false), Condvar::new()));
        let waits = told.clone();
        // It blocks its thread until the first one has been polled again.
        let (second, second_task) = bench.parked(async move |mut ctx: ProcessContext<()>| {
            ctx.receive().await;
            let mut told = waits.0.lock().unwrap();
            while !*told {
                told = waits.1.wait(told).unwrap();
            }
        });
        let wakes = second.clone();
        let (first, first_task) = bench.parked(async move |mut ctx: ProcessContext<()>| {
            ctx.receive().await;
            wakes.try_send(()).expect("it waits for it");
            ctx.receive().await;
            *told.0.lock().unwrap() = true;
            told.1.notify_one();
        });
        first.try_send(()).expect("it waits for it");
        let threads = [first_task, second_task].map(|task| thread::spawn(move || task.run()));
        first.try_send(()).expect("it receives two");
        poll_others(&bench);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!((run(first.exited()), run(second.exited())), (ExitReason::Normal, ExitReason::Normal));
    });
}

#[test]
fn a_process_that_is_handed_over_may_be_polled_by_its_own_task_meanwhile() {
    explore(Some(3), || {
        let bench = Bench::handing_over();
        let (second, second_task) = ends_when_woken(&bench);
        let (first, first_task) = waker(&bench, second.clone(), 1);
        // A poll without a wake-up, and those that follow from one.
        let executor = thread::spawn(move || second_task.run());
        first.try_send(()).expect("it waits for it");
        first_task.run();
        executor.join().unwrap();
        assert_eq!((run(first.exited()), run(second.exited())), (ExitReason::Normal, ExitReason::Normal));
    });
}

#[test]
fn a_process_that_is_handed_over_may_be_killed_and_lose_its_executor() {
    explore(Some(2), || {
        let bench = Bench::handing_over();
        let (second, second_task) = ends_when_woken(&bench);
        let (first, first_task) = waker(&bench, second.clone(), 1);
        first.try_send(()).expect("it waits for it");
        let executor = thread::spawn(move || first_task.run());
        let killer = {
            let second = second.clone();
            thread::spawn(move || second.exit(ExitReason::Kill))
        };
        drop(second_task);
        let reason = run(second.exited());
        assert!(matches!(reason, ExitReason::Normal | ExitReason::Killed), "{reason}");
        killer.join().unwrap();
        executor.join().unwrap();
        assert_eq!(run(first.exited()), ExitReason::Normal);
        assert_eq!(bench.system.process_count(), 0);
    });
}

#[test]
fn a_process_whose_task_was_lent_may_lose_its_executor_while_the_second_task_polls_it() {
    explore(Some(2), || {
        let bench = Bench::handing_over();
        let (second, second_task) = ends_when_woken(&bench);
        let (first, mut first_task) = waker(&bench, second.clone(), 3);
        first.try_send(()).expect("it waits for it");
        let sender = {
            let first = first.clone();
            thread::spawn(move || first.try_send(()).expect("it waits for it"))
        };
        assert!(first_task.poll().is_pending());
        sender.join().unwrap();
        let others = bench.take_all();
        let executor = thread::spawn(move || drop((first_task, second_task)));
        others.into_iter().for_each(|task| run(task));
        executor.join().unwrap();
        assert_eq!(run(first.exited()), ExitReason::Killed);
        assert_eq!(bench.system.process_count(), 0);
    });
}

#[test]
fn two_that_wake_each_other_go_on_whichever_task_polls_them() {
    explore(Some(2), || {
        let bench = Bench::handing_over();
        let (first, first_task) = bench.spawn(async |mut ctx: ProcessContext<ProcessRef<()>>| {
            let Message::User(second) = ctx.receive().await else { panic!("nobody else sends") };
            second.try_send(()).expect("it waits for it");
            ctx.receive().await;
        });
        let back = first.clone();
        let (second, second_task) = bench.parked(async move |mut ctx: ProcessContext<()>| {
            ctx.receive().await;
            back.try_send(ctx.this()).expect("it waits for it");
        });
        first.try_send(second.clone()).expect("it waits for it");
        let threads = [first_task, second_task].map(|task| thread::spawn(move || task.run()));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        poll_others(&bench);
        assert_eq!((run(first.exited()), run(second.exited())), (ExitReason::Normal, ExitReason::Normal));
        assert_eq!(bench.system.process_count(), 0);
    });
}

#[test]
fn of_two_that_one_wakes_each_is_polled_by_its_own_task() {
    explore(Some(2), || {
        let bench = Bench::handing_over();
        let ((second, second_task), (third, third_task)) = (ends_when_woken(&bench), ends_when_woken(&bench));
        let wakes = [second.clone(), third.clone()];
        let (first, first_task) = bench.parked(async move |mut ctx: ProcessContext<()>| {
            ctx.receive().await;
            wakes.iter().for_each(|process| process.try_send(()).expect("it waits for it"));
        });
        first.try_send(()).expect("it waits for it");
        let threads = [first_task, second_task, third_task].map(|task| thread::spawn(move || task.run()));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        for process in [first, second, third] {
            assert_eq!(run(process.exited()), ExitReason::Normal);
        }
    });
}

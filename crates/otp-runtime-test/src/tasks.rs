//! Tests of tasks: spawned from anywhere, run to their end, concurrently.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use async_channel::{Sender, bounded, unbounded};
use futures::executor::block_on;
use futures::future::pending;
use otp_core::runtime::{Runtime, Task};
use otp_core::{System, yield_now};

use crate::harness::{Flag, OnDrop, heard, inside, outside, panic_quietly, run};
use crate::{Backend, OwnedBackend};

/// A spawned task is polled until it is ready.
pub fn spawned_task_runs(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (send, receive) = bounded(1);
        system.runtime().spawn(Task::new(async move {
            yield_now().await;
            let _ = send.send("done").await;
        }));
        let event = heard(&receive, "a spawned task was dropped before it was ready").await;
        assert_eq!(event, "done");
    });
}

/// A panic in a task, or in dropping what is left of it, ends that task only; the threads that poll tasks survive.
pub fn panic_in_a_task_is_contained(backend: &dyn Backend) {
    // More than there are threads to lose.
    const PANICS: usize = 64;
    inside(backend, async |system| {
        let (ended, ends) = unbounded();
        for _ in 0..PANICS {
            let (in_poll, in_drop) = (ended.clone(), ended.clone());
            system.runtime().spawn(Task::new(async move {
                let _ended = OnDrop(|| {
                    let _ = in_poll.try_send(());
                });
                panic_quietly("a panic in a task");
            }));
            let bomb = OnDrop(move || {
                let _ = in_drop.try_send(());
                panic_quietly("a panic in dropping a task");
            });
            // The future owns the bomb until it is dropped itself, after it was ready.
            system.runtime().spawn(Task::new(std::future::poll_fn(move |_| {
                let _ = &bomb;
                std::task::Poll::Ready(())
            })));
        }
        drop(ended);
        for _ in 0..2 * PANICS {
            heard(&ends, "a task vanished without being run").await;
        }
        expect_a_task_runs(system.runtime(), "no task runs any more after tasks have panicked").await;
    });
}

/// Tasks may be spawned before the executor runs, and from threads that do not belong to the executor.
pub fn spawn_works_on_a_foreign_thread(backend: &dyn Backend) {
    outside(backend, |executor| {
        let runtime = executor.runtime();
        let missed = "a task that was spawned on a foreign thread was dropped";
        let (send, before) = bounded(1);
        runtime.spawn(telling(send, ()));
        run(&*executor, async |_| {
            heard(&before, missed).await;
            let (send, during) = bounded(1);
            let foreign = thread::spawn(move || runtime.spawn(telling(send, ())));
            heard(&during, missed).await;
            foreign.join().expect("`spawn` panicked on a foreign thread");
        });
    });
}

/// A value may spawn a task in its `Drop`, when it is dropped with its task or because its process is killed.
pub fn spawn_works_inside_drop(backend: &dyn Backend) {
    inside(backend, async |system| {
        let spawner = || {
            let (runtime, (send, receive)) = (system.runtime().clone(), bounded(1));
            (OnDrop(move || runtime.spawn(telling(send.clone(), ()))), receive)
        };
        let missed = "a task that was spawned inside `Drop` did not run";

        let (in_task, told) = spawner();
        system.runtime().spawn(Task::new(async move { drop(in_task) }));
        heard(&told, missed).await;

        let (in_process, told) = spawner();
        let (started, starts) = bounded(1);
        let process = system.spawn(async move |_: otp_core::ProcessContext<()>| {
            let _in_process = in_process;
            let _ = started.send(()).await;
            pending::<()>().await;
        });
        heard(&starts, "a process was dropped before it ran").await;
        process.exit(otp_core::ExitReason::Kill);
        heard(&told, missed).await;
    });
}

/// Values that are dropped because the executor is dropped may use its runtime in their `Drop`: nothing blocks or
/// panics, and a process that they start ends.
pub fn runtime_may_be_used_inside_drop_as_the_executor_goes(backend: &dyn OwnedBackend) {
    outside(backend, |executor| {
        let system = System::on(executor.runtime());
        let (send, receive) = unbounded();
        for _ in 0..8 {
            let (system, send) = (system.clone(), send.clone());
            let last_words = OnDrop(move || {
                let process = system.spawn(async |_: otp_core::ProcessContext<()>| pending::<()>().await);
                drop(system.runtime().timer(system.now()));
                system.runtime().spawn_blocking(otp_core::runtime::Job::new(|| {}));
                let _ = send.try_send(process.exited());
            });
            executor.runtime().spawn(Task::new(async move {
                let _last_words = last_words;
                pending::<()>().await;
            }));
        }
        drop(send);
        run(&*executor, async |system| expect_a_task_runs(system.runtime(), "a task was dropped").await);
        drop(executor);
        block_on(async {
            for _ in 0..8 {
                let exited = heard(&receive, "a task vanished without being dropped").await;
                assert_eq!(exited.await, otp_core::ExitReason::Killed, "of a process started by a dying executor");
            }
        });
    });
}

/// A panic in the drop of a task, when the executor drops the task, neither leaves the executor's drop nor keeps the
/// other tasks from being dropped.
pub fn panic_in_a_task_that_the_executor_drops_is_contained(backend: &dyn OwnedBackend) {
    const TASKS: usize = 8;
    outside(backend, |executor| {
        let (dropped, drops) = unbounded();
        for _ in 0..TASKS {
            let dropped = dropped.clone();
            let bomb = OnDrop(move || {
                let _ = dropped.try_send(());
                panic_quietly("a panic in dropping a task");
            });
            executor.runtime().spawn(Task::new(async move {
                let _bomb = bomb;
                pending::<()>().await;
            }));
        }
        drop(dropped);
        run(&*executor, async |system| expect_a_task_runs(system.runtime(), "a task was dropped").await);
        drop(executor);
        for _ in 0..TASKS {
            block_on(heard(&drops, "a task vanished without being dropped"));
        }
    });
}

/// Ten thousand tasks at once all run to their end.
pub fn ten_thousand_tasks_run(backend: &dyn Backend) {
    const TASKS: usize = 10_000;
    inside(backend, async |system| {
        let (send, receive) = unbounded();
        let (open, gate) = bounded::<()>(1);
        for _ in 0..TASKS {
            let (send, gate) = (send.clone(), gate.clone());
            system.runtime().spawn(Task::new(async move {
                // They all wait at the same time, until the gate is closed for good.
                let _ = gate.recv().await;
                let _ = send.try_send(());
            }));
        }
        drop(send);
        drop(open);
        for count in 0..TASKS {
            heard(&receive, &format!("of {TASKS} tasks only {count} came to their end")).await;
        }
    });
}

/// Two tasks that wait for each other by yielding both make progress.
pub fn yielding_lets_a_sibling_run(backend: &dyn Backend) {
    const TURNS: usize = 1000;
    inside(backend, async |system| {
        let turn = Arc::new(AtomicUsize::new(0));
        let (send, receive) = unbounded();
        for player in 0..2 {
            let (turn, send) = (turn.clone(), send.clone());
            system.runtime().spawn(Task::new(async move {
                for own in (player..TURNS).step_by(2) {
                    while turn.load(Ordering::SeqCst) != own {
                        yield_now().await;
                    }
                    turn.store(own + 1, Ordering::SeqCst);
                }
                let _ = send.try_send(());
            }));
        }
        drop(send);
        for _ in 0..2 {
            heard(&receive, "a task that yields was dropped").await;
        }
    });
}

/// Tasks that yield for ever, more of them than threads, do not starve a new task or a timer.
pub fn yielding_tasks_do_not_starve_a_sibling(backend: &dyn Backend) {
    inside(backend, async |system| {
        let over = Flag::default();
        let _over = over.on_drop();
        let (running, runs) = unbounded();
        for _ in 0..8 {
            let (over, running) = (over.clone(), running.clone());
            system.runtime().spawn(Task::new(async move {
                let _ = running.try_send(());
                while !over.is_up() {
                    yield_now().await;
                }
            }));
        }
        drop(running);
        for _ in 0..8 {
            heard(&runs, "a task that yields was dropped before it ran").await;
        }
        for _ in 0..20 {
            expect_a_task_runs(system.runtime(), "a task was dropped while others yield").await;
            system.sleep(std::time::Duration::from_millis(1)).await;
        }
    });
}

/// Spawns a task and waits until it has run.
pub(crate) async fn expect_a_task_runs(runtime: &Arc<dyn Runtime>, otherwise: &str) {
    let (send, receive) = bounded(1);
    runtime.spawn(telling(send, ()));
    heard(&receive, otherwise).await;
}

/// A task that sends `event` and ends.
fn telling<T: Send + 'static>(to: Sender<T>, event: T) -> Task {
    Task::new(async move {
        // Nobody waits for it if the test has failed.
        let _ = to.send(event).await;
    })
}

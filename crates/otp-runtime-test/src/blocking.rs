//! Tests of blocking jobs: run on threads that do not poll tasks.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use async_channel::{bounded, unbounded};
use futures::executor::block_on;
use otp_core::runtime::Job;

use crate::harness::{drive, heard, inside, outside, panic_quietly};
use crate::tasks::expect_a_task_runs;
use crate::{Backend, OwnedBackend};

/// A blocking job runs, and a panic in one does not affect the next.
pub fn blocking_job_runs(backend: &dyn Backend) {
    inside(backend, async |system| {
        for _ in 0..16 {
            system.runtime().spawn_blocking(Job::new(|| panic_quietly("a panic in a blocking job")));
        }
        let (send, receive) = bounded(1);
        system.runtime().spawn_blocking(Job::new(move || {
            let _ = send.try_send(());
        }));
        heard(&receive, "a blocking job was dropped before it ran").await;
    });
}

/// Blocking jobs that wait, more of them than threads that poll tasks, stall neither tasks nor timers.
pub fn blocking_jobs_stall_neither_tasks_nor_timers(backend: &dyn Backend) {
    const JOBS: usize = 8;
    inside(backend, async |system| {
        let gate = Arc::new((Mutex::new(false), Condvar::new()));
        let (send, receive) = unbounded();
        for _ in 0..JOBS {
            let (gate, send) = (gate.clone(), send.clone());
            system.runtime().spawn_blocking(Job::new(move || {
                let _ = send.try_send("started");
                let (open, opened) = &*gate;
                let open = open.lock().expect("nobody panics with the lock");
                let _open = opened.wait_while(open, |open| !*open).expect("nobody panics with the lock");
                let _ = send.try_send("ended");
            }));
        }
        drop(send);
        let missed = "a blocking job was dropped before it ran";
        assert_eq!(heard(&receive, missed).await, "started");
        for _ in 0..5 {
            system.sleep(Duration::from_millis(1)).await;
            expect_a_task_runs(system.runtime(), "a task was dropped while jobs block").await;
        }
        *gate.0.lock().expect("nobody panics with the lock") = true;
        gate.1.notify_all();
        for _ in 1..2 * JOBS {
            heard(&receive, missed).await;
        }
    });
}

/// A blocking job for an executor that is gone is dropped, not run.
pub fn blocking_job_for_a_dead_executor_is_dropped(backend: &dyn OwnedBackend) {
    outside(backend, |executor| {
        let runtime = executor.runtime();
        drive(&*executor, async {});
        drop(executor);
        let (ran, drops) = bounded::<()>(1);
        runtime.spawn_blocking(Job::new(move || {
            let _ = ran.try_send(());
        }));
        // Hangs if the job is kept; its end of the channel closes when it is dropped.
        let ran = block_on(drops.recv()).is_ok();
        assert!(!ran, "a blocking job was run although its executor has gone");
    });
}

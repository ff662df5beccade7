//! Tests of runs: one after the other, never nested.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use async_channel::bounded;
use otp_core::ProcessContext;
use otp_core::runtime::{Executor, NestedRun};

use crate::harness::{drive, heard, outside, panic_quietly, run};
use crate::tasks::expect_a_task_runs;
use crate::{Backend, OwnedBackend};

/// A thread that runs an executor refuses to run another one, or the same one again, with an error.
pub fn nested_run_is_refused(backend: &dyn Backend) {
    let other = backend.executor();
    outside(backend, move |executor| {
        run(&*executor, async |system| {
            for nested in [&*executor, &*other] {
                expect_refusal(try_to_run(nested), nested.runtime().name());
            }
            expect_a_task_runs(system.runtime(), "no task runs after a nested run was refused").await;
        });
        // The refusal did no harm, and a run that is not nested is not refused.
        drive(&*other, async {});
    });
}

/// The threads that poll an executor's tasks refuse to run another one.
pub fn nested_run_is_refused_in_a_process(backend: &dyn OwnedBackend) {
    let other = backend.executor();
    outside(backend, move |executor| {
        run(&*executor, async |system| {
            let name = other.runtime().name();
            let (send, receive) = bounded(1);
            system.spawn(async move |_: ProcessContext<()>| {
                let _ = send.try_send(try_to_run(&*other));
            });
            expect_refusal(heard(&receive, "a nested run inside a process panicked").await, name);
        });
    });
}

/// An executor may be run again, even after a main function that panicked; the panic reaches the caller.
pub fn runs_follow_each_other(backend: &dyn Backend) {
    outside(backend, |executor| {
        for _ in 0..3 {
            for _ in 0..2 {
                run(&*executor, async |system| {
                    expect_a_task_runs(system.runtime(), "a task was dropped in a later run").await;
                });
            }
            let panicked = catch_unwind(AssertUnwindSafe(|| {
                drive(&*executor, async { panic_quietly("a panic in main") });
            }));
            let panic = panicked.expect_err("a panic in the main function did not reach the caller");
            let text = panic.downcast_ref::<&str>().copied();
            assert_eq!(text, Some("a panic in main"), "another panic reached the caller than the main function's");
        }
    });
}

/// Runs a future that notes that it ran.
fn try_to_run(executor: &dyn Executor) -> (Result<(), NestedRun>, bool) {
    let mut ran = false;
    let refused = executor.block_on(pin!(async { ran = true }));
    (refused, ran)
}

fn expect_refusal((refused, ran): (Result<(), NestedRun>, bool), name: &str) {
    let Err(error) = refused else { panic!("a thread that runs an executor ran another one") };
    assert!(!ran, "a nested run was refused, but its future was polled");
    assert_eq!(error.runtime, name, "the refusal of a nested run names another runtime");
    let text = error.to_string();
    assert!(text.contains("already runs one"), "the refusal of a nested run does not say why: {text}");
}

//! Processes that begin and end on the thread of the one that waits, and have no task until they are woken.

use std::cell::Cell;

use futures::executor::block_on;
use otp_core::behaviour::{at_once, exit_at_once, options};
use otp_core::{ExitReason, ProcessContext, ProcessRef, System};

use crate::threads::{run, run_until_closed, together};

/// More than it takes until processes of a type are known to begin and to end fast.
const PROOFS: usize = 16;

thread_local! {
    /// How many processes have begun on this thread.
    static BEGAN: Cell<usize> = const { Cell::new(0) };
}

/// The label by which the processes are known as one type. Not inlined, it has one address with Miri, too.
#[inline(never)]
fn it() -> &'static str {
    "it"
}

fn start(system: &System) -> ProcessRef<()> {
    let receive = async |mut ctx: ProcessContext<()>| {
        BEGAN.set(BEGAN.get() + 1);
        loop {
            ctx.receive().await;
        }
    };
    system.spawn_with(at_once(options(it)), receive).expect("it has no name").process
}

fn prove(system: &System) {
    for _ in 0..PROOFS {
        let process = start(system);
        drop(exit_at_once(system, process.pid(), ExitReason::Shutdown));
        assert_eq!(block_on(process.exited()), ExitReason::Shutdown);
    }
    assert_ne!(BEGAN.get(), 0, "they begin on the thread that starts them");
}

#[test]
fn a_process_without_a_task_is_sent_to_and_ended_and_waited_for() {
    run(|system| {
        prove(system);
        for _ in 0..4 {
            let process = start(system);
            let send = || drop(process.try_send(()));
            let end = || drop(exit_at_once(system, process.pid(), ExitReason::Shutdown));
            let wait = || assert_eq!(block_on(process.exited()), ExitReason::Shutdown);
            together([&send, &end, &wait, &end]);
        }
    });
}

#[test]
fn a_process_without_a_task_ends_with_its_executor_though_it_is_woken() {
    run_until_closed(|system, threads| {
        prove(system);
        let process = start(system);
        let send = || drop(process.try_send(()));
        let close = || threads.close();
        let wait = || assert_eq!(block_on(process.exited()), ExitReason::Killed);
        together([&send, &close, &wait]);
        assert_eq!(system.process_count(), 0);
    });
}

//! Tests of processes: the promises of the library that depend on how the backend treats its tasks.

use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::mpsc;
use std::task::{self, Wake, Waker};
use std::thread;
use std::time::Duration;

use async_channel::{Receiver, Sender, bounded, unbounded};
use futures::executor::block_on;
use futures::future::pending;
use otp_core::event::Event;
use otp_core::runtime::Task;
use otp_core::{Call, ExitReason, Message, ProcessContext, ReplyTo, System};

use crate::harness::{Flag, drive, heard, inside, outside, panic_quietly};
use crate::{Backend, OwnedBackend};

/// A process keeps running when the last handle to it is dropped.
pub fn process_goes_on_when_its_handle_is_dropped(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (started, starts) = bounded(1);
        let (go, gate) = bounded::<()>(1);
        let (done, ends) = bounded(1);
        drop(system.spawn(async move |_: ProcessContext<()>| {
            let _ = started.send(()).await;
            let _ = gate.recv().await;
            let _ = done.send(()).await;
        }));
        heard(&starts, "a process was dropped before it ran").await;
        drop(go);
        heard(&ends, "a process was dropped with its handle").await;
    });
}

/// A panic in a process becomes its exit reason and is reported as a crash; other processes keep running.
pub fn panic_in_a_process_is_its_exit_reason(backend: &dyn Backend) {
    inside(backend, async |system| {
        let mut events = system.subscribe();
        let sibling = system.spawn(echo);
        let process = system.spawn(async |_: ProcessContext<()>| {
            otp_core::yield_now().await;
            panic_quietly("a panic in a process");
        });
        let pid = process.pid();
        match process.exited().await {
            ExitReason::Error(crash) => assert_eq!(crash.message(), "a panic in a process"),
            reason => panic!("a process that panicked ended with the reason `{reason}`"),
        }
        let report = loop {
            if let Event::Crashed(report) = events.next().await {
                break report;
            }
        };
        assert_eq!(report.pid, Some(pid), "the crash was reported for another process");
        expect_an_echo(&sibling).await;
    });
}

/// When the exit of a killed process becomes visible, its state has already been dropped.
pub fn kill_drops_the_state_before_the_exit_is_seen(backend: &dyn Backend) {
    inside(backend, async |system| {
        let dropped = Flag::default();
        let state = dropped.on_drop();
        let (started, starts) = bounded(1);
        let process = system.spawn(async move |_: ProcessContext<()>| {
            let _state = state;
            let _ = started.send(()).await;
            pending::<()>().await;
        });
        heard(&starts, "a process was dropped before it ran").await;
        // Looks at the state in the middle of the exit; a task that waits for the exit would look too late.
        let (witness, seen) = witness(&dropped);
        let mut exited = process.exited();
        assert!(Pin::new(&mut exited).poll(&mut task::Context::from_waker(&witness)).is_pending());
        process.exit(ExitReason::Kill);
        let dropped = heard(&seen, "nobody was told that a process was killed").await;
        assert!(dropped, "the exit of a process was seen before its state was dropped");
        assert_eq!(exited.await, ExitReason::Killed);
    });
}

/// When an executor is dropped, the processes on it end with `Killed`, and their state is dropped: processes that wait,
/// and processes that have not run yet. This is not a crash.
pub fn exit_is_published_when_the_executor_drops_the_task(backend: &dyn OwnedBackend) {
    const PROCESSES: usize = 8;
    outside(backend, |executor| {
        let system = System::on(executor.runtime());
        let mut events = system.subscribe();
        let (started, starts) = unbounded();
        let spawn = || {
            let (dropped, started) = (Flag::default(), started.clone());
            let state = dropped.on_drop();
            let process = system.spawn(async move |mut ctx: ProcessContext<()>| {
                let _state = state;
                let _ = started.try_send(());
                loop {
                    ctx.receive().await;
                }
            });
            (process, dropped)
        };
        let mut processes: Vec<_> = (0..PROCESSES).map(|_| spawn()).collect();
        drive(&*executor, async {
            for _ in 0..PROCESSES {
                heard(&starts, "a process was dropped before it ran").await;
            }
        });
        processes.extend((0..PROCESSES).map(|_| spawn()));
        let seen = processes.iter().map(|(process, dropped)| {
            let (witness, seen) = witness(dropped);
            let mut exited = process.exited();
            assert!(Pin::new(&mut exited).poll(&mut task::Context::from_waker(&witness)).is_pending());
            (exited, seen)
        });
        let seen: Vec<_> = seen.collect();
        drop(executor);
        for (exited, seen) in seen {
            let dropped = block_on(heard(&seen, "nobody was told that a process ended with its executor"));
            assert!(dropped, "the exit of a process was seen before its state was dropped with its executor");
            assert_eq!(block_on(exited), ExitReason::Killed, "of a process whose executor has gone");
        }
        while let Some(event) = events.try_next() {
            assert!(!matches!(event, Event::Crashed(_)), "the end of the executor was reported as a crash: {event:?}");
        }
    });
}

/// A process that is started on an executor that is gone ends at once with `Killed`.
pub fn exit_is_published_when_spawn_hits_a_dead_executor(backend: &dyn OwnedBackend) {
    outside(backend, |executor| {
        let system = System::on(executor.runtime());
        drive(&*executor, async {});
        drop(executor);
        let (ran, dropped) = (Flag::default(), Flag::default());
        let (runs, state) = (ran.clone(), dropped.on_drop());
        let process = system.spawn(async move |_: ProcessContext<()>| {
            let _state = state;
            runs.raise();
        });
        assert_eq!(block_on(process.exited()), ExitReason::Killed, "of a process on an executor that has gone");
        assert!(!ran.is_up(), "a process ran on an executor that has gone");
        assert!(dropped.is_up(), "what a process owned was kept although its executor has gone");
    });
}

/// Processes that are started while the executor is being dropped are not forgotten.
pub fn exit_is_published_when_spawn_races_with_the_drop_of_the_executor(backend: &dyn OwnedBackend) {
    const PROCESSES: usize = 2000;
    outside(backend, |executor| {
        let system = System::on(executor.runtime());
        drive(&*executor, async {});
        let (begin, begun) = mpsc::channel();
        let (gone, went) = mpsc::channel::<()>();
        let spawner = thread::spawn(move || {
            let spawn = |n: usize| {
                // Some certainly come before the drop, some certainly after it. If the other side panicked, that is
                // reported elsewhere.
                if n == PROCESSES / 10 {
                    let _ = begin.send(());
                } else if n == PROCESSES - PROCESSES / 10 {
                    let _ = went.recv();
                }
                system.spawn(async |_: ProcessContext<()>| pending::<()>().await).exited()
            };
            (0..PROCESSES).map(spawn).collect::<Vec<_>>()
        });
        let _ = begun.recv();
        drop(executor);
        drop(gone);
        for exited in spawner.join().expect("`spawn` panicked while the executor went") {
            assert_eq!(block_on(exited), ExitReason::Killed, "of a process that was started as its executor went");
        }
    });
}

/// Processes that send to themselves for ever, more of them than threads, do not starve another process or a timer, and
/// can be killed.
pub fn busy_processes_do_not_starve_a_sibling(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (running, runs) = unbounded();
        let busy: Vec<_> = (0..8)
            .map(|_| {
                let running = running.clone();
                system.spawn(async move |mut ctx: ProcessContext<()>| {
                    let this = ctx.this();
                    let _ = running.try_send(());
                    while this.try_send(()).is_ok() {
                        ctx.receive().await;
                    }
                })
            })
            .collect();
        drop(running);
        for _ in 0..busy.len() {
            heard(&runs, "a process was dropped before it ran").await;
        }
        let sibling = system.spawn(echo);
        for _ in 0..20 {
            expect_an_echo(&sibling).await;
            system.sleep(Duration::from_millis(1)).await;
        }
        for process in busy {
            process.exit(ExitReason::Kill);
            assert_eq!(process.exited().await, ExitReason::Killed, "of a busy process that was killed");
        }
    });
}

/// A process that waits for a timer before it answers can be called from anywhere, including where the runtime says
/// that the callee may run inline.
pub fn process_called_from_anywhere_finds_its_executor(backend: &dyn Backend) {
    inside(backend, async |system| {
        let process = system.spawn(async |mut ctx: ProcessContext<ReplyTo<()>>| {
            while let Message::User(from) = ctx.receive().await {
                ctx.system().sleep(Duration::from_millis(1)).await;
                from.reply(());
            }
        });
        // The second time it is known to wait.
        let calls = async move |place: &str| {
            for _ in 0..2 {
                let answer = Call::new(&process, |from| from).await;
                assert_eq!(answer, Ok(()), "of a process that was called from {place}");
            }
        };
        calls("the main function").await;
        let (send, receive) = bounded(1);
        let of_task = calls.clone();
        system.runtime().spawn(Task::new(async move {
            of_task("a task").await;
            let _ = send.send(()).await;
        }));
        heard(&receive, "a task that called a process was dropped").await;
        let (send, receive) = bounded(1);
        let thread = thread::spawn(move || {
            block_on(calls("a foreign thread"));
            drop(send);
        });
        // An error: it has come to its end, or panicked.
        let _: Result<(), _> = receive.recv().await;
        thread.join().unwrap_or_else(|panic| resume_unwind(panic));
    });
}

/// A waker that tells, when it is woken, whether the flag is up.
fn witness(flag: &Flag) -> (Waker, Receiver<bool>) {
    struct Witness(Flag, Sender<bool>);
    impl Wake for Witness {
        fn wake(self: Arc<Self>) {
            let _ = self.1.try_send(self.0.is_up());
        }
    }
    let (send, seen) = bounded(1);
    (Waker::from(Arc::new(Witness(flag.clone(), send))), seen)
}

/// Answers every message.
async fn echo(mut ctx: ProcessContext<Sender<()>>) {
    loop {
        if let Message::User(answer) = ctx.receive().await {
            let _ = answer.send(()).await;
        }
    }
}

async fn expect_an_echo(process: &otp_core::ProcessRef<Sender<()>>) {
    let (answer, answers) = bounded(1);
    process.try_send(answer).expect("a process ended because of its siblings");
    heard(&answers, "a process ended because of its siblings").await;
}

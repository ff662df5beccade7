//! Tests of threads that are made for one task, which may block them.

use std::rc::Rc;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use async_channel::{Sender, bounded, unbounded};
use futures::executor::block_on;
use otp_core::runtime::{Runtime, Task};
use otp_core::{ExitReason, ProcessContext, SpawnOptions, System, Threads, yield_now};

use crate::harness::{OnDrop, drive, heard, inside, outside};
use crate::tasks::expect_a_task_runs;
use crate::{Backend, OwnedBackend};

/// A task on a thread is polled until it is ready, and timers work there.
pub fn thread_runs_its_task(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (send, receive) = bounded(1);
        let timers = system.clone();
        start(system.runtime(), async move {
            timers.sleep(Duration::from_millis(1)).await;
            yield_now().await;
            let _ = send.send("done").await;
        });
        let event = heard(&receive, "a task on a thread was dropped before it was ready").await;
        assert_eq!(event, "done");
    });
}

/// A task on a thread is polled and dropped on one thread, whoever wakes it.
pub fn thread_polls_its_task_on_one_thread(backend: &dyn Backend) {
    const WAKES: usize = 100;
    inside(backend, async |system| {
        let (tell, polled) = unbounded();
        let (wake, woken) = unbounded();
        let in_drop = tell.clone();
        start(system.runtime(), async move {
            let _dropped = OnDrop(move || note(&in_drop));
            note(&tell);
            while woken.recv().await.is_ok() {
                note(&tell);
            }
        });
        let missed = "a task on a thread was dropped before it was ready";
        let own = heard(&polled, missed).await;
        for nth in 0..WAKES {
            let wake = wake.clone();
            let send = move || wake.try_send(()).expect("the task has not ended");
            if nth % 2 == 0 {
                thread::spawn(send).join().expect("a wake-up panicked")
            } else {
                send()
            }
            assert_eq!(heard(&polled, missed).await, own, "a task was polled on two threads");
        }
        drop(wake);
        assert_eq!(heard(&polled, "a task was not dropped").await, own, "a task was dropped on another thread");
    });
}

/// Tasks that block their threads, more of them than threads that poll tasks, stall neither tasks nor timers nor each
/// other.
pub fn blocked_threads_stall_neither_tasks_nor_timers(backend: &dyn Backend) {
    const THREADS: usize = 8;
    inside(backend, async |system| {
        let gate = Arc::new((Mutex::new(false), Condvar::new()));
        let (send, receive) = unbounded();
        for _ in 0..THREADS {
            let (gate, send) = (gate.clone(), send.clone());
            start(system.runtime(), async move {
                let _ = send.try_send("started");
                let (open, opened) = &*gate;
                let open = open.lock().expect("nobody panics with the lock");
                drop(opened.wait_while(open, |open| !*open).expect("nobody panics with the lock"));
                let _ = send.try_send("ended");
            });
        }
        drop(send);
        let missed = "a task on a thread was dropped before it was ready";
        for _ in 0..THREADS {
            assert_eq!(heard(&receive, missed).await, "started");
        }
        for _ in 0..5 {
            system.sleep(Duration::from_millis(1)).await;
            expect_a_task_runs(system.runtime(), "a task was dropped while threads are blocked").await;
        }
        *gate.0.lock().expect("nobody panics with the lock") = true;
        gate.1.notify_all();
        for _ in 0..THREADS {
            assert_eq!(heard(&receive, missed).await, "ended");
        }
    });
}

/// When the executor is dropped, a process on a thread ends without being woken, and its state, which is not `Send`, is
/// dropped on the thread. A process that is started later ends, too.
pub fn process_on_a_thread_ends_with_its_executor(backend: &dyn OwnedBackend) {
    outside(backend, |executor| {
        let system = System::on(executor.runtime());
        let (tell, told) = unbounded();
        let spawn = || {
            let tell = tell.clone();
            let body = async move |mut ctx: ProcessContext<()>| {
                let in_drop = tell.clone();
                let _state = (Rc::new(()), OnDrop(move || note(&in_drop)));
                note(&tell);
                ctx.receive().await;
            };
            Threads::own().spawn(&system, SpawnOptions::new(), body).expect("it has no name").process
        };
        let process = spawn();
        let mut own = None;
        drive(&*executor, async {
            own = Some(heard(&told, "a process was dropped before it ran").await);
        });
        drop(executor);
        assert_eq!(block_on(process.exited()), ExitReason::Killed);
        let dropped = block_on(heard(&told, "a state was not dropped"));
        assert_eq!(Some(dropped), own, "a state was dropped on another thread than that on which it was made");
        assert_eq!(block_on(spawn().exited()), ExitReason::Killed);
    });
}

fn start(runtime: &Arc<dyn Runtime>, future: impl Future<Output = ()> + Send + 'static) {
    runtime.spawn_thread("a test", Task::new(future)).expect("the operating system refused a thread");
}

/// Tells on which thread this is called.
fn note(to: &Sender<ThreadId>) {
    let _ = to.try_send(thread::current().id());
}

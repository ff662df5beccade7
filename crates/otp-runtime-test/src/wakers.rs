//! Tests of wakers: woken at any time, from any thread, and too late.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::task::{Poll, Waker};
use std::thread;

use async_channel::bounded;
use futures::executor::block_on;
use futures::future::pending;
use otp_core::runtime::Task;

use crate::harness::{heard, inside, outside, run};
use crate::tasks::expect_a_task_runs;
use crate::{Backend, OwnedBackend};

/// A wake-up that arrives while the task is being polled leads to another poll, from its own thread and from others.
pub fn wake_during_the_poll_is_not_lost(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (send, receive) = bounded(1);
        system.runtime().spawn(Task::new(async move {
            let mut polls = 0;
            std::future::poll_fn(|cx| {
                polls += 1;
                if polls % 10 == 0 {
                    let waker = cx.waker().clone();
                    // Joined here, so that the wake-up surely comes during the poll.
                    thread::spawn(move || waker.wake()).join().expect("a wake-up panicked on another thread");
                } else {
                    cx.waker().wake_by_ref();
                }
                if polls == 100 { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            let _ = send.send(()).await;
        }));
        heard(&receive, "a task that was woken during its poll was dropped").await;
    });
}

/// A task that asks the runtime for another poll gets one, each time.
pub fn task_that_asks_to_be_polled_again_is(backend: &dyn Backend) {
    const POLLS: usize = 1000;
    inside(backend, async |system| {
        let (send, receive) = bounded(1);
        let runtime = system.runtime().clone();
        let mut polls = 0;
        system.runtime().spawn(Task::new(std::future::poll_fn(move |cx| {
            polls += 1;
            if polls < POLLS {
                runtime.poll_again(cx.waker());
                return Poll::Pending;
            }
            let _ = send.try_send(());
            Poll::Ready(())
        })));
        heard(&receive, "a task that asked to be polled again was dropped").await;
    });
}

/// A waiting task is polled again when a thread that does not belong to the executor wakes it.
pub fn wake_from_another_thread_is_not_lost(backend: &dyn Backend) {
    const ROUNDS: usize = 1000;
    inside(backend, async |system| {
        let (to_waker, wakers) = mpsc::channel::<Waker>();
        let woken = Arc::new(AtomicUsize::new(0));
        let count = woken.clone();
        let foreign = thread::spawn(move || {
            for waker in wakers {
                count.fetch_add(1, Ordering::SeqCst);
                waker.wake();
            }
        });
        let (send, receive) = bounded(1);
        system.runtime().spawn(Task::new(async move {
            for round in 0..ROUNDS {
                let mut asked = false;
                std::future::poll_fn(|cx| {
                    if !asked {
                        asked = true;
                        let _ = to_waker.send(cx.waker().clone());
                    }
                    if woken.load(Ordering::SeqCst) > round { Poll::Ready(()) } else { Poll::Pending }
                })
                .await;
            }
            let _ = send.send(()).await;
        }));
        heard(&receive, "a task that was woken from another thread was dropped").await;
        foreign.join().expect("a wake-up panicked on another thread");
    });
}

/// A waker that outlives its task does not keep the task's state alive, and can be woken without effect.
pub fn waker_may_be_kept_after_the_end_of_its_task(backend: &dyn Backend) {
    inside(backend, async |system| {
        let (send, receive) = bounded(1);
        let (ended, ends) = bounded::<()>(1);
        system.runtime().spawn(Task::new(async move {
            // Closes its channel when the task's state is dropped.
            let _ended = ended;
            let waker = std::future::poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
            let _ = send.send(waker).await;
        }));
        let waker = heard(&receive, "a spawned task was dropped before it ran").await;
        let _ = ends.recv().await;
        wake_in_every_way(waker);
        expect_a_task_runs(system.runtime(), "no task runs after a late wake-up").await;
    });
}

/// A waker that outlives its executor does not keep the task alive, and can be woken without effect.
pub fn waker_may_be_kept_after_the_end_of_the_executor(backend: &dyn OwnedBackend) {
    outside(backend, |executor| {
        let (send, receive) = bounded(1);
        let (state, dropped) = bounded::<()>(1);
        executor.runtime().spawn(Task::new(async move {
            // Closes its channel when the task's state is dropped.
            let _state = state;
            let waker = std::future::poll_fn(|cx| Poll::Ready(cx.waker().clone())).await;
            let _ = send.send(waker).await;
            pending::<()>().await;
        }));
        let mut kept = None;
        run(&*executor, async |_| kept = Some(heard(&receive, "a spawned task was dropped before it ran").await));
        drop(executor);
        // Hangs if the waker keeps the task alive.
        let _ = block_on(dropped.recv());
        kept.into_iter().for_each(wake_in_every_way);
    });
}

/// By value on another thread, by reference, and not at all.
fn wake_in_every_way(waker: Waker) {
    let there = waker.clone();
    thread::spawn(move || there.wake()).join().expect("a late wake-up panicked");
    waker.wake_by_ref();
    drop(waker);
}

//! Tests of timers: when they fire, in which order, and how they are reset.
//!
//! No test here depends on the speed of the machine. A timer may be late without bound. The tests compare the clock
//! after a timer has fired with its deadline, and one timer with another whose deadline is later.

use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use async_channel::{Sender, bounded, unbounded};
use futures::executor::block_on;
use otp_core::System;
use otp_core::runtime::{BoxTimer, Instant};

use crate::harness::{heard, inside, outside, run};
use crate::{Backend, OwnedBackend};

/// Far enough to have a rounding of deadlines to a few milliseconds behind it.
const STEP: Duration = Duration::from_millis(10);
const HOUR: Duration = Duration::from_secs(3600);

/// A timer never fires before its deadline, read on the runtime's own clock.
pub fn timer_never_fires_early(backend: &dyn Backend) {
    inside(backend, async |system| {
        for micros in [0, 1, 300, 999, 1_000, 1_001, 1_500, 4_999, 20_000, 250_000] {
            let deadline = system.now() + Duration::from_micros(micros);
            let mut timer = system.runtime().timer(deadline);
            expired(&mut timer).await;
            let now = system.now();
            assert!(now >= deadline, "a timer fired {:?} before its deadline", deadline - now);
        }
    });
}

/// A timer with a past deadline fires, however long ago the deadline was.
pub fn past_deadline_fires(backend: &dyn Backend) {
    inside(backend, async |system| {
        let mut now = system.now();
        while now == Instant::ORIGIN {
            now = system.now();
        }
        for past in [Instant::ORIGIN, Instant::from_nanos(now.as_nanos() / 2), now] {
            expired(&mut system.runtime().timer(past)).await;
            let mut moved = system.runtime().timer(now + HOUR);
            assert!(poll_once(&mut moved).await.is_pending(), "a timer fired an hour early");
            moved.as_mut().reset(past);
            expired(&mut moved).await;
        }
    });
}

/// A deadline that is too far away for the executor neither fires nor panics, and can be moved nearer.
pub fn far_deadline_does_not_fire(backend: &dyn Backend) {
    inside(backend, async |system| {
        let year = 365 * 24 * HOUR;
        let far = [system.now() + year, system.now() + 100 * year, Instant::FAR_FUTURE];
        let mut timers: Vec<BoxTimer> = far.into_iter().map(|far| system.runtime().timer(far)).collect();
        let mut moved = system.runtime().timer(system.now() + HOUR);
        assert!(poll_once(&mut moved).await.is_pending(), "a timer fired an hour early");
        moved.as_mut().reset(Instant::FAR_FUTURE);
        timers.push(moved);

        for timer in &mut timers {
            assert!(poll_once(timer).await.is_pending(), "a timer fired more than a year early");
        }
        expired(&mut system.runtime().timer(system.now() + STEP)).await;
        for timer in &mut timers {
            assert!(poll_once(timer).await.is_pending(), "a timer fired more than a year early");
            timer.as_mut().reset(system.now() + STEP);
            expired(timer).await;
        }
    });
}

/// Timers wake in the order of their deadlines, in whatever order they were made.
pub fn timers_fire_in_the_order_of_their_deadlines(backend: &dyn Backend) {
    inside(backend, async |system| {
        let order = with_time_enough(async |lead| {
            let (log, wakes) = unbounded();
            let first = system.now() + lead;
            let mut timers = Vec::new();
            for n in [5, 2, 7, 0, 3, 6, 1, 4] {
                let mut timer = system.runtime().timer(first + n * STEP);
                if poll_with(&mut timer, &noting(n, &log)).is_ready() {
                    return None;
                }
                timers.push(timer);
            }
            if system.now() >= first {
                return None;
            }
            let mut order = Vec::new();
            while order.len() < timers.len() {
                let n = wakes.recv().await.expect("the sender is here");
                if !order.contains(&n) {
                    order.push(n);
                }
            }
            Some(order)
        })
        .await;
        assert!(order.is_sorted(), "timers fired in the order {order:?} of their deadlines");
    });
}

/// A timer that is reset to an earlier deadline fires at that deadline, not at the old one.
pub fn reset_to_an_earlier_deadline_holds(backend: &dyn Backend) {
    inside(backend, async |system| {
        for polled in [false, true] {
            let mut timer = system.runtime().timer(system.now() + HOUR);
            assert!(!polled || poll_once(&mut timer).await.is_pending(), "a timer fired an hour early");
            let deadline = system.now() + STEP;
            timer.as_mut().reset(deadline);
            expired(&mut timer).await;
            assert!(system.now() >= deadline, "a timer that was moved earlier fired before its deadline");
        }
    });
}

/// A timer that is reset to a later deadline fires at that deadline, not at the old one.
pub fn reset_to_a_later_deadline_holds(backend: &dyn Backend) {
    inside(backend, async |system| {
        for polled in [false, true] {
            let mut timer = system.runtime().timer(system.now() + STEP);
            if polled {
                let _ = poll_once(&mut timer).await;
            }
            timer.as_mut().reset(system.now() + HOUR);
            assert!(poll_once(&mut timer).await.is_pending(), "a timer that was moved an hour later fired");
            // Later than the old deadline was.
            expired(&mut system.runtime().timer(system.now() + 2 * STEP)).await;
            assert!(poll_once(&mut timer).await.is_pending(), "a timer that was moved later fired at its old deadline");

            let (near, later) = (system.now() + STEP, system.now() + 3 * STEP);
            timer.as_mut().reset(near);
            timer.as_mut().reset(later);
            expired(&mut timer).await;
            assert!(system.now() >= later, "a timer that was moved later fired before its deadline");
        }
    });
}

/// A timer that has fired can be armed again, any number of times.
pub fn reset_after_firing_arms_the_timer_again(backend: &dyn Backend) {
    inside(backend, async |system| {
        let mut timer = system.runtime().timer(system.now());
        for _ in 0..5 {
            expired(&mut timer).await;
            timer.as_mut().reset(system.now() + HOUR);
            assert!(poll_once(&mut timer).await.is_pending(), "a timer that was armed again is still ready");
            let deadline = system.now() + STEP;
            timer.as_mut().reset(deadline);
            expired(&mut timer).await;
            assert!(system.now() >= deadline, "a timer that was armed again fired before its deadline");
        }
    });
}

/// A timer that has fired is ready whenever it is polled, until it is reset.
pub fn expired_timer_stays_ready(backend: &dyn Backend) {
    inside(backend, async |system| {
        let mut timer = system.runtime().timer(system.now() + STEP);
        for _ in 0..5 {
            expired(&mut timer).await;
        }
    });
}

/// A timer that is dropped before its deadline wakes no task.
pub fn dropped_timer_never_wakes(backend: &dyn Backend) {
    inside(backend, async |system| {
        let woken = with_time_enough(async |lead| {
            let (log, wakes) = unbounded();
            let deadline = system.now() + lead;
            let mut timer = system.runtime().timer(deadline);
            if poll_with(&mut timer, &noting("the dropped timer", &log)).is_ready() {
                return None;
            }
            drop(timer);
            if system.now() >= deadline {
                return None;
            }
            expired(&mut system.runtime().timer(deadline + 2 * STEP)).await;
            Some(wakes.try_recv().is_ok())
        })
        .await;
        assert!(!woken, "a timer that had been dropped woke its waker");
    });
}

/// Only the waker of the last poll is woken.
pub fn timer_wakes_the_waker_of_its_last_poll(backend: &dyn Backend) {
    inside(backend, async |system| {
        with_time_enough(async |lead| {
            let (log, wakes) = unbounded();
            let mut timer = system.runtime().timer(system.now() + lead);
            for n in 0..3 {
                if poll_with(&mut timer, &noting(n, &log)).is_ready() {
                    return None;
                }
            }
            drop(log);
            while heard(&wakes, "a timer that fired did not wake the waker of its last poll").await != 2 {}
            Some(())
        })
        .await;
    });
}

/// Timers may be made before the executor runs, and made and awaited on threads that do not belong to the executor.
pub fn timer_works_on_a_foreign_thread(backend: &dyn Backend) {
    outside(backend, |executor| {
        let runtime = executor.runtime();
        let mut early = runtime.timer(runtime.now() + STEP);
        run(&*executor, async |system| {
            expired(&mut early).await;

            let (send, receive) = bounded::<BoxTimer>(1);
            let here = system.clone();
            let foreign = thread::spawn(move || drop(send.try_send(here.runtime().timer(here.now() + STEP))));
            expired(&mut heard(&receive, "`timer` panicked on a foreign thread").await).await;
            foreign.join().expect("`timer` panicked on a foreign thread");

            let (send, receive) = bounded(1);
            let foreign = thread::spawn(move || block_on(fire_there(system, send)));
            heard(&receive, "a timer panicked when it was polled on a foreign thread").await;
            foreign.join().expect("a timer panicked on a foreign thread");
        });
    });
}

/// A timer may outlive its executor: polling, resetting and dropping it does not panic. Whether it fires is not
/// specified.
pub fn timer_may_outlive_its_executor(backend: &dyn OwnedBackend) {
    outside(backend, |executor| {
        let runtime = executor.runtime();
        let (log, _wakes) = unbounded();
        let waker = noting((), &log);
        let mut timers = Vec::new();
        run(&*executor, async |system| {
            let mut fired = system.runtime().timer(system.now());
            expired(&mut fired).await;
            let mut waiting = system.runtime().timer(system.now() + HOUR);
            let _ = poll_with(&mut waiting, &waker);
            timers.extend([fired, waiting, system.runtime().timer(system.now() + HOUR)]);
        });
        drop(executor);
        timers.push(runtime.timer(runtime.now() + HOUR));
        for mut timer in timers {
            let _ = poll_with(&mut timer, &waker);
            timer.as_mut().reset(runtime.now());
            let _ = poll_with(&mut timer, &waker);
            timer.as_mut().reset(runtime.now() + HOUR);
            let _ = poll_with(&mut timer, &waker);
        }
    });
}

/// Waits until a timer has fired.
pub(crate) async fn expired(timer: &mut BoxTimer) {
    std::future::poll_fn(|cx| timer.as_mut().poll_expired(cx)).await;
}

/// Polls a timer with the waker of the task.
async fn poll_once(timer: &mut BoxTimer) -> Poll<()> {
    std::future::poll_fn(|cx| Poll::Ready(timer.as_mut().poll_expired(cx))).await
}

fn poll_with(timer: &mut BoxTimer, waker: &Waker) -> Poll<()> {
    timer.as_mut().poll_expired(&mut Context::from_waker(waker))
}

async fn fire_there(system: System, done: Sender<()>) {
    expired(&mut system.runtime().timer(system.now() + STEP)).await;
    let _ = done.send(()).await;
}

/// A waker that sends `note` when it is woken.
fn noting<T: Clone + Send + Sync + 'static>(note: T, log: &Sender<T>) -> Waker {
    struct Noting<T>(T, Sender<T>);
    impl<T: Clone + Send + Sync + 'static> Wake for Noting<T> {
        fn wake(self: Arc<Self>) {
            let _ = self.1.try_send(self.0.clone());
        }
    }
    Waker::from(Arc::new(Noting(note, log.clone())))
}

/// Calls `attempt` with the time that it has for its preparations, longer and longer, until that was enough.
async fn with_time_enough<T>(mut attempt: impl AsyncFnMut(Duration) -> Option<T>) -> T {
    let mut time = 2 * STEP;
    loop {
        if let Some(result) = attempt(time).await {
            return result;
        }
        time *= 2;
    }
}

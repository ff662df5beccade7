//! Where a simulation lets others run: before a future of the library takes effect, or is ready at once. On threads others
//! run there, too; on the one thread of a simulator they do only if something lets them.

use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker, ready};

use crate::process::{is_run_inline, may_block, with_present};
use crate::system::System;

/// Whether a future has yet to let others run. Only in a system that has a director it ever does.
#[derive(Debug)]
pub(crate) struct Switch(bool);

impl Switch {
    pub(crate) const NONE: Switch = Switch(false);

    pub(crate) fn of(system: &System) -> Switch {
        Switch(system.director().is_some())
    }

    /// Pending once, if others are to run first.
    #[inline]
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if mem::take(&mut self.0) && lets_others_run(cx.waker()) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// [`poll`](Switch::poll), of a future that only waits: one that is not ready at once lets others run by that.
    #[inline]
    pub(crate) fn before<T>(&mut self, poll: &Poll<T>, cx: &mut Context<'_>) -> Poll<()> {
        match poll {
            Poll::Ready(_) => self.poll(cx),
            Poll::Pending => {
                *self = Switch::NONE;
                Poll::Pending
            }
        }
    }
}

/// A [`Switch`] for what is ready again and again: before each time.
#[derive(Debug)]
pub(crate) struct Switches {
    each: bool,
    next: AtomicBool,
}

impl Switches {
    /// It never lets others run.
    pub(crate) fn none() -> Switches {
        Switches { each: false, next: AtomicBool::new(false) }
    }

    pub(crate) fn of(system: &System) -> Switches {
        let each = system.director().is_some();
        Switches { each, next: AtomicBool::new(each) }
    }

    /// Polls with `poll`, once others were let run. What is not ready lets others run by that.
    #[inline]
    pub(crate) fn before<T>(&self, cx: &mut Context<'_>, poll: impl FnOnce(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        ready!(Switch(self.each && self.next.swap(false, Ordering::Relaxed)).poll(cx));
        let polled = may_block(poll(cx), cx);
        if self.each && polled.is_ready() {
            self.next.store(true, Ordering::Relaxed);
        }
        polled
    }
}

impl Clone for Switches {
    fn clone(&self) -> Switches {
        Switches { each: self.each, next: AtomicBool::new(self.each) }
    }
}

/// Lets the seed of a simulation have others run before what follows takes effect. On every other runtime it is ready at
/// once.
///
/// The futures of the library do so themselves. A behaviour or a library whose own future does something at its first poll,
/// such as to take a place in a table, awaits it before that: then a simulation finds what depends on who is first.
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
///
/// use otp::behaviour::let_others_first;
/// use otp::{ProcessContext, System};
///
/// /// Adds one to a number, in two steps.
/// async fn add(system: &System, number: &AtomicU32) {
///     let read = number.load(Relaxed);
///     let_others_first(system).await;
///     number.store(read + 1, Relaxed);
/// }
///
/// let found = otp::sim::try_check(otp::sim::Config::new().seeds(100), async |system| {
///     let number = Arc::new(AtomicU32::new(0));
///     let (own, theirs) = (system.clone(), number.clone());
///     let other = system.spawn(async move |_: ProcessContext<()>| add(&own, &theirs).await);
///     add(&system, &number).await;
///     other.exited().await;
///     assert_eq!(number.load(Relaxed), 2);
/// });
/// assert!(found.is_err(), "an update was lost");
/// ```
pub fn let_others_first(system: &System) -> impl Future<Output = ()> + Send + use<> {
    let mut switch = Switch::of(system);
    std::future::poll_fn(move |cx| switch.poll(cx))
}

/// Whether code that is polled under `waker`, in a simulation, lets others run now. Of a process that runs on the thread of
/// its caller the director decides, or no call would ever be answered there that makes another one.
pub(crate) fn lets_others_run(waker: &Waker) -> bool {
    // Under one that belongs to nobody, as in `now_or_never`, nothing would poll the future again.
    !waker.data().is_null()
        && (!is_run_inline()
            || with_present(|present| {
                present.is_some_and(|present| {
                    present.header().system.director().is_some_and(|director| director.switches())
                })
            }))
}

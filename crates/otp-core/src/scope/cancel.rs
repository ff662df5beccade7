use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use pin_project::{pin_project, pinned_drop};

use crate::process::Foreign;
use crate::runtime::{Instant, Sleep, Task};
use crate::switch::Switch;
use crate::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use crate::sync::{Mutex, wake};
use crate::system::System;
use crate::wakers::Wakers;

/// Cancels a region of code, with everything that was started in it (structured cancellation).
///
/// Cancelling a scope drops the futures that [run](CancelScope::run) in it, at the `.await` at which they wait, and the
/// tasks that were [spawned](CancelScope::spawn) in it. It also cancels child scopes, except
/// [shielded](CancelScope::shielded) ones: a future that is inside a shielded scope is not dropped before it leaves
/// that scope.
///
/// ```
/// # otp::tokio::TokioExecutor::current_thread().run(async |system| {
/// use otp::scope::{CancelScope, Cancelled};
///
/// let scope = CancelScope::new(&system);
/// assert_eq!(scope.run(async { 1 }).await, Ok(1));
/// scope.cancel();
/// assert_eq!(scope.run(async { 1 }).await, Err(Cancelled));
/// # }).unwrap();
/// ```
#[derive(Clone)]
pub struct CancelScope(Arc<Inner>);

struct Inner {
    system: System,
    parent: Option<CancelScope>,
    shielded: bool,
    cancelled: AtomicBool,
    /// Woken when the scope is cancelled, its deadline is moved, or a shielded section below it ends.
    waiting: Mutex<Wakers>,
    /// The number of running shielded sections below.
    shields: AtomicUsize,
    deadline: Mutex<Option<Instant>>,
    children: Mutex<Vec<Weak<Inner>>>,
}

/// The error when a scope was cancelled before the code in it was finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("cancelled")]
#[expect(clippy::exhaustive_structs, reason = "there is nothing more to say")]
pub struct Cancelled;

impl CancelScope {
    /// Makes a scope without a parent.
    pub fn new(system: &System) -> CancelScope {
        CancelScope::make(system, None, false)
    }

    /// Makes a child scope: cancelled with this scope, but not the other way round.
    pub fn child(&self) -> CancelScope {
        CancelScope::make(&self.0.system, Some(self.clone()), false)
    }

    /// Makes a child scope that is not cancelled with this one. While code runs in it, the surrounding code is not
    /// dropped either. It may have a deadline of its own.
    pub fn shielded(&self) -> CancelScope {
        CancelScope::make(&self.0.system, Some(self.clone()), true)
    }

    /// Sets the time after which the scope is cancelled, counted from now; `None` removes the deadline.
    ///
    /// Code that runs in the scope or below it enforces the deadline: it has an effect as soon as there is such code.
    pub fn set_deadline(&self, limit: Option<Duration>) {
        *self.0.deadline.lock() = limit.map(|limit| self.0.system.now() + limit);
        self.notify();
    }

    /// Cancels the scope and its child scopes that are not shielded. Cancelling it again has no effect.
    pub fn cancel(&self) {
        self.0.clone().each_reached(|scope| {
            let is_first = !scope.cancelled.swap(true, Ordering::AcqRel);
            if is_first {
                scope.changed();
            }
            is_first
        });
    }

    /// Returns true once the scope has been cancelled, or its deadline has passed.
    pub fn is_cancelled(&self) -> bool {
        if self.0.cancelled.load(Ordering::Acquire) {
            return true;
        }
        let late = self.next_deadline().filter(|(deadline, _)| *deadline <= self.0.system.now());
        late.inspect(|(_, scope)| scope.cancel()).is_some()
    }

    /// Runs `future` in the scope until it is ready, or until the scope is cancelled, which drops the future.
    ///
    /// # Errors
    ///
    /// [`Cancelled`] if the scope was cancelled before or meanwhile.
    pub fn run<F: Future>(&self, future: F) -> Scoped<F> {
        let mut scoped = self.enter(future);
        scoped.switch = Switch::of(&self.0.system);
        scoped
    }

    /// [`run`](CancelScope::run), of a task that begins.
    pub(super) fn enter<F: Future>(&self, future: F) -> Scoped<F> {
        if self.0.shielded {
            self.each_above(|above| {
                above.shields.fetch_add(1, Ordering::AcqRel);
            });
        }
        let (future, foreign) = (Some(future), Foreign::default());
        Scoped { scope: self.clone(), switch: Switch::NONE, future, place: None, sleep: None, foreign }
    }

    /// Spawns a task in the scope: it is dropped when the scope is cancelled. A panic in it is reported as a crash.
    pub fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) {
        let task = super::task::contained(&self.0.system, self.enter(future));
        self.0.system.runtime().spawn(Task::new(async move {
            // A crash has been reported, and nothing waits for the cancellation.
            let _ = task.await;
        }));
    }

    fn make(system: &System, parent: Option<CancelScope>, shielded: bool) -> CancelScope {
        let inner = Arc::new(Inner {
            system: system.clone(),
            parent: parent.clone(),
            shielded,
            cancelled: AtomicBool::new(false),
            waiting: Mutex::default(),
            shields: AtomicUsize::new(0),
            deadline: Mutex::new(None),
            children: Mutex::new(Vec::new()),
        });
        let scope = CancelScope(inner);
        if let Some(parent) = parent {
            let mut children = parent.0.children.lock();
            if children.len() == children.capacity() {
                children.retain(|child| child.strong_count() > 0);
            }
            children.push(Arc::downgrade(&scope.0));
            drop(children);
            // Looked at after it was added: a cancellation at the same time is seen by one side or the other. A deadline
            // above that has passed is seen by whoever looks at the new scope.
            if !shielded && parent.0.cancelled.load(Ordering::Acquire) {
                scope.cancel();
            }
        }
        scope
    }

    /// Returns the earliest deadline of this scope and the scopes that cancel it, with the scope that has it.
    fn next_deadline(&self) -> Option<(Instant, &CancelScope)> {
        let reaching = std::iter::successors(Some(self), |scope| match scope.0.shielded {
            true => None,
            false => scope.0.parent.as_ref(),
        });
        let deadlines = reaching.filter_map(|scope| Some(((*scope.0.deadline.lock())?, scope)));
        deadlines.min_by_key(|(deadline, _)| *deadline)
    }

    /// Makes the code in this scope and below check the scope again.
    fn notify(&self) {
        self.0.clone().each_reached(|scope| {
            scope.changed();
            true
        });
    }

    fn each_above(&self, act: impl Fn(&Inner)) {
        let above = std::iter::successors(self.0.parent.as_ref(), |scope| scope.0.parent.as_ref());
        above.for_each(|scope| act(&scope.0));
    }

    /// True if code that runs directly in this scope is to be dropped now.
    fn drops_its_code(&self) -> bool {
        self.is_cancelled() && self.0.shields.load(Ordering::Acquire) == 0
    }
}

impl Inner {
    fn keep_waker(&self, place: &mut Option<usize>, waker: &Waker) {
        if self.waiting.lock().wakes(*place, waker) {
            return;
        }
        let waker = waker.clone();
        let stale = self.waiting.lock().put(place, waker);
        drop(stale);
    }

    /// Has what runs in this scope look again.
    fn changed(&self) {
        let waiting = self.waiting.lock().take_all();
        waiting.into_iter().for_each(wake);
    }

    /// Visits this scope and those below it that its cancelling reaches, each before its children; not below one of which
    /// `visit` says false. Not by recursion, as how deep scopes are nested is up to users.
    fn each_reached(self: Arc<Self>, visit: impl Fn(&Inner) -> bool) {
        let mut next = vec![self];
        while let Some(scope) = next.pop() {
            if visit(&scope) {
                let children = scope.children.lock();
                next.extend(children.iter().rev().filter_map(Weak::upgrade).filter(|child| !child.shielded));
            }
        }
    }
}

/// Not by recursion, too: one that is dropped may hold the last share of the one above it.
impl Drop for Inner {
    fn drop(&mut self) {
        let mut parent = self.parent.take();
        while let Some(CancelScope(scope)) = parent {
            parent = Arc::into_inner(scope).and_then(|mut scope| scope.parent.take());
        }
    }
}

impl fmt::Debug for CancelScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CancelScope")
            .field("cancelled", &self.0.cancelled.load(Ordering::Acquire))
            .field("shielded", &self.0.shielded)
            .finish_non_exhaustive()
    }
}

/// The future of [`CancelScope::run`].
#[pin_project(PinnedDrop)]
#[must_use = "futures do nothing unless awaited"]
pub struct Scoped<F: Future> {
    scope: CancelScope,
    switch: Switch,
    #[pin]
    future: Option<F>,
    /// Among those who wait for a change of the scope.
    place: Option<usize>,
    sleep: Option<Sleep>,
    foreign: Foreign,
}

impl<F: Future> Future for Scoped<F> {
    type Output = Result<F::Output, Cancelled>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        ready!(this.switch.poll(cx));
        loop {
            // Kept before the looks below, so that no change is missed.
            this.scope.0.keep_waker(this.place, cx.waker());
            if this.scope.drops_its_code() {
                this.future.set(None);
                return Poll::Ready(Err(Cancelled));
            }
            let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Ready(Err(Cancelled)) };
            if let Poll::Ready(output) = future.poll(cx) {
                return Poll::Ready(Ok(output));
            }
            keep_deadline(this.scope, this.sleep, cx);
            if !this.scope.drops_its_code() {
                return this.foreign.wait_for_inner(cx).or_leave();
            }
        }
    }
}

/// Waits for the next deadline that reaches the scope, and cancels the scope that has it.
fn keep_deadline(scope: &CancelScope, sleep: &mut Option<Sleep>, cx: &mut Context<'_>) {
    let next = scope.next_deadline().filter(|_| !scope.0.cancelled.load(Ordering::Acquire));
    let Some((deadline, late)) = next else { return };
    if sleep.as_ref().is_none_or(|sleep| sleep.deadline() != deadline) {
        *sleep = Some(Sleep::until(scope.0.system.runtime().clone(), deadline));
    }
    if sleep.as_mut().is_some_and(|sleep| Pin::new(sleep).poll(cx).is_ready()) {
        late.cancel();
    }
}

#[pinned_drop]
impl<F: Future> PinnedDrop for Scoped<F> {
    fn drop(self: Pin<&mut Self>) {
        let this = self.project();
        if let Some(place) = *this.place {
            let waker = this.scope.0.waiting.lock().remove(place);
            drop(waker);
        }
        if this.scope.0.shielded {
            this.scope.each_above(|above| {
                above.shields.fetch_sub(1, Ordering::AcqRel);
                above.changed();
            });
        }
    }
}

impl<F: Future> fmt::Debug for Scoped<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scoped({:?})", self.scope)
    }
}

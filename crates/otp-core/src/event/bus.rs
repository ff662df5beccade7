use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use futures::Stream;

use super::{CrashReport, Event};
use crate::exit::{Crash, panics_are_silent};
use crate::runtime::{Director, Step};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, Ordering};

type Hook = Arc<dyn Fn(&Event) + Send + Sync>;

/// Who is told of events.
pub(crate) struct EventBus {
    director: Option<Arc<dyn Director>>,
    hooks: Mutex<Arc<Vec<(u64, Hook)>>>,
    /// Whether there is any hook: without one, an event is not even made.
    heard: AtomicBool,
}

impl EventBus {
    pub(crate) fn new(director: Option<Arc<dyn Director>>) -> EventBus {
        EventBus { director, hooks: Mutex::default(), heard: AtomicBool::new(false) }
    }

    /// Tells of an event, on this thread; it is not even made when nobody listens.
    pub(crate) fn emit(&self, make: impl FnOnce() -> Event) {
        if self.director.is_some() || self.heard.load(Ordering::Acquire) {
            self.tell(&make());
        }
    }

    /// Tells of a crash. One that nobody hears goes to `tracing`; if nobody listens there either, to standard error.
    pub(crate) fn crashed(&self, report: CrashReport) {
        if !self.heard.load(Ordering::Acquire) {
            unheard(&report);
        }
        self.emit(|| Event::Crashed(report));
    }

    fn tell(&self, event: &Event) {
        if let Some(director) = &self.director {
            director.note(&Step::Event(event));
        }
        let hooks = self.hooks.lock().clone();
        for (_, hook) in hooks.iter() {
            if let Err(panic) = catch_unwind(AssertUnwindSafe(|| hook(event))) {
                tracing::error!(crash = %Crash::from_panic(panic), "an event hook panicked");
            }
        }
    }

    pub(crate) fn add(self: &Arc<Self>, hook: Hook) -> HookGuard {
        let mut hooks = self.hooks.lock();
        let id = hooks.last().map_or(0, |(id, _)| id + 1);
        Arc::make_mut(&mut hooks).push((id, hook));
        self.heard.store(true, Ordering::Release);
        HookGuard { bus: Arc::downgrade(self), id }
    }

    fn remove(&self, id: u64) {
        let mut hooks = self.hooks.lock();
        let before = hooks.clone();
        Arc::make_mut(&mut hooks).retain(|(other, _)| *other != id);
        self.heard.store(!hooks.is_empty(), Ordering::Release);
        drop(hooks);
        drop(before);
    }
}

#[allow(clippy::print_stderr, reason = "the last resort, so that no crash is silent")]
fn unheard(report: &CrashReport) {
    let (pid, label) = (report.pid.map(tracing::field::display), report.label.as_ref().map(tracing::field::display));
    if panics_are_silent() {
        return;
    }
    tracing::error!(pid, label, reason = %report.reason, "a process crashed");
    if !tracing::dispatcher::has_been_set() {
        // It panics where standard error has been closed.
        let _ = catch_unwind(AssertUnwindSafe(|| eprintln!("crash: {report}")));
    }
}

/// Keeps a hook in place; dropping it removes the hook.
#[must_use = "dropping it removes the hook"]
pub struct HookGuard {
    bus: Weak<EventBus>,
    id: u64,
}

impl HookGuard {
    /// Leaves the hook in place for the life of the system.
    pub fn forever(mut self) {
        self.bus = Weak::new();
    }
}

impl Drop for HookGuard {
    fn drop(&mut self) {
        if let Some(bus) = self.bus.upgrade() {
            bus.remove(self.id);
        }
    }
}

impl fmt::Debug for HookGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HookGuard")
    }
}

/// The events of a system from the time of the subscription on, in the order in which they happened on each thread.
///
/// It has no bound: a subscriber that does not read keeps every event. Dropping it ends the subscription.
#[derive(Debug)]
#[must_use = "dropping it ends the subscription"]
pub struct Events {
    events: Pin<Box<async_channel::Receiver<Event>>>,
    _hook: HookGuard,
}

impl Events {
    pub(crate) fn of(bus: &Arc<EventBus>) -> Events {
        let (sender, receiver) = async_channel::unbounded();
        let hook = bus.add(Arc::new(move |event| {
            // Fails only when the subscriber has gone, and then its hook is about to go.
            let _ = sender.try_send(event.clone());
        }));
        Events { events: Box::pin(receiver), _hook: hook }
    }

    /// The next event; waits for it.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no event is lost.
    pub async fn next(&mut self) -> Event {
        match self.events.recv().await {
            Ok(event) => event,
            // The system is gone: nothing will happen any more.
            Err(_) => std::future::pending().await,
        }
    }

    /// The next event, if it has happened.
    pub fn try_next(&mut self) -> Option<Event> {
        self.events.try_recv().ok()
    }
}

impl Stream for Events {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.events.as_mut().poll_next(cx)
    }
}

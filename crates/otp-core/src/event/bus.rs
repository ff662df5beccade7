use std::sync::Arc;

use super::{CrashReport, Event, HookGuard, Occurrence, log};
use crate::exit::{contain, panics_are_silent};
use crate::runtime::{Director, Step};
use crate::sync::Mutex;
use crate::sync::atomic::{AtomicBool, Ordering};

type Hook = Arc<dyn Fn(&Event) + Send + Sync>;

struct Entry {
    id: u64,
    hook: Hook,
    /// Whether it also gets the starts and the ends of processes.
    hears_all: bool,
}

impl Clone for Entry {
    fn clone(&self) -> Entry {
        Entry { hook: self.hook.clone(), ..*self }
    }
}

/// The hooks of a system, and its log.
pub(crate) struct EventBus {
    director: Option<Arc<dyn Director>>,
    hooks: Mutex<Arc<Vec<Entry>>>,
    /// Whether there is any hook: without one, an event is not even constructed.
    hooked: AtomicBool,
    /// Whether there is a hook for all events: otherwise starts and ends of processes are not constructed.
    hears_all: AtomicBool,
    logs_crashes: AtomicBool,
}

impl EventBus {
    pub(crate) fn new(director: Option<Arc<dyn Director>>) -> EventBus {
        EventBus {
            director,
            hooks: Mutex::default(),
            hooked: AtomicBool::new(false),
            hears_all: AtomicBool::new(false),
            logs_crashes: AtomicBool::new(true),
        }
    }

    /// Calls the hooks for the start or the end of a process, on this thread; the event is not constructed if there are
    /// none for it.
    pub(crate) fn emit(&self, make: impl FnOnce() -> Event) {
        if self.director.is_some() || self.hears_all.load(Ordering::Acquire) {
            self.tell(&make());
        }
    }

    /// Whether anybody hears of a crash: hooks, or the log.
    pub(crate) fn hears_crashes(&self) -> bool {
        self.is_heard() || self.logs_crashes.load(Ordering::Relaxed) && !panics_are_silent()
    }

    /// Logs a crash in any case, and reports it to the hooks.
    pub(crate) fn crashed(&self, report: CrashReport) {
        if self.logs_crashes.load(Ordering::Relaxed) {
            log::crashed(&report);
        }
        if self.is_heard() {
            self.tell(&Event::Crashed(report));
        }
    }

    /// Logs an occurrence, and reports it to the hooks.
    pub(super) fn report<O: Occurrence>(&self, make: impl FnOnce() -> O) {
        let (heard, logged) = (self.is_heard(), log::is_on());
        if !heard && !logged {
            return;
        }
        let occurrence = make();
        if logged {
            log::write(|| occurrence.log());
        }
        if heard {
            self.tell(&Event::Other(Arc::new(occurrence)));
        }
    }

    pub(super) fn log_crashes(&self, on: bool) {
        self.logs_crashes.store(on, Ordering::Relaxed);
    }

    pub(super) fn add(self: &Arc<Self>, hook: Hook, hears_all: bool) -> HookGuard {
        let mut hooks = self.hooks.lock();
        let id = hooks.last().map_or(0, |last| last.id + 1);
        Arc::make_mut(&mut hooks).push(Entry { id, hook, hears_all });
        self.note(&hooks);
        HookGuard::new(self, id)
    }

    fn note(&self, hooks: &[Entry]) {
        self.hooked.store(!hooks.is_empty(), Ordering::Release);
        self.hears_all.store(hooks.iter().any(|entry| entry.hears_all), Ordering::Release);
    }

    pub(super) fn remove(&self, id: u64) {
        let mut hooks = self.hooks.lock();
        let before = hooks.clone();
        Arc::make_mut(&mut hooks).retain(|entry| entry.id != id);
        self.note(&hooks);
        drop(hooks);
        drop(before);
    }

    fn is_heard(&self) -> bool {
        self.director.is_some() || self.hooked.load(Ordering::Acquire)
    }

    fn tell(&self, event: &Event) {
        if let Some(director) = &self.director {
            hear(|| director.note(&Step::Event(event)));
        }
        let hooks = self.hooks.lock().clone();
        let is_frequent = matches!(event, Event::Spawned { .. } | Event::Exited { .. });
        for entry in hooks.iter().filter(|entry| entry.hears_all || !is_frequent) {
            hear(|| (entry.hook)(event));
        }
        // One that was removed meanwhile is dropped here.
        hear(|| drop(hooks));
    }
}

/// Calls a listener. A panic in it must not affect the event, nor other listeners.
fn hear(listener: impl FnOnce()) {
    if let Err(crash) = contain(listener) {
        log::hook_panicked(&crash);
    }
}

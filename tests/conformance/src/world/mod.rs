//! What one run knows: every actor and its incarnations, every reference, and what has happened.

mod actor;
mod incarnation;
mod live;
mod recorder;
mod references;
mod registries;
mod rows;
mod tables;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use otp::application::ApplicationEvent;
use otp::event::{Event, HookGuard};
use otp::process::Doing;
use otp::sys::DebugId;
use otp::{Pid, System};

pub(crate) use actor::{Actor, FromArgs, Raw, Scope, SupervisorKind};
pub(crate) use incarnation::Incarnation;
pub(crate) use live::Quiet;
pub(crate) use recorder::{Attempt, Happening, Recorded, Recorder};
pub(crate) use references::Reference;
pub(crate) use registries::{Book, Line, UnderKey, Unique};
pub(crate) use tables::{AnyTable, Receiver, make as make_table};

use crate::language::{Label, Until};
use crate::steps::halted;
use live::Live;
use references::References;
use registries::Registries;
use tables::Tables;

/// The world of one run. Processes and the step loop share it.
pub(crate) struct World {
    pub(crate) system: System,
    recorder: Mutex<Recorder>,
    references: Mutex<References>,
    live: Mutex<Live>,
    registries: Mutex<Registries>,
    tables: Mutex<Tables>,
    /// The traces of servers that were switched on.
    traces: Mutex<HashMap<Pid, DebugId>>,
}

impl World {
    /// A world without actors, which hears of every start and end of a process as long as the guard lives.
    pub(crate) fn new(system: &System) -> (Arc<World>, HookGuard) {
        let world = Arc::new(World {
            system: system.clone(),
            recorder: Mutex::default(),
            references: Mutex::default(),
            live: Mutex::default(),
            registries: Mutex::default(),
            tables: Mutex::default(),
            traces: Mutex::default(),
        });
        let hearing = world.clone();
        // Scenarios crash processes on purpose.
        system.log_crashes(false);
        let guard = system.on_event(move |event| match event {
            Event::Spawned { pid, .. } => {
                let exited = hearing.system.exited(*pid);
                hearing.live().add(*pid, exited);
            }
            Event::Other(_) => {
                if let Some(ApplicationEvent::Halting(halt)) = event.downcast_ref() {
                    hearing.record(&Incarnation::new("node", 1), Happening::Halt(halted(halt)));
                }
            }
            Event::Exited { pid, reason, .. } => hearing.recorder().exited(*pid, reason.clone()),
            _ => {}
        });
        (world, guard)
    }

    /// What has happened, and who is who.
    pub(crate) fn recorder(&self) -> MutexGuard<'_, Recorder> {
        self.recorder.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes something that an incarnation does, here and now.
    pub(crate) fn record(&self, of: &Incarnation, happening: Happening) {
        self.recorder().record(of, happening);
    }

    /// Gives a reference its label.
    pub(crate) fn refer(&self, name: &str, reference: Reference) {
        self.references().add(name, reference);
    }

    /// What has this label now.
    pub(crate) fn reference(&self, name: &str) -> Option<Reference> {
        self.references().find(name)
    }

    /// The label of a reference.
    pub(crate) fn label_of(&self, reference: &Reference) -> Option<String> {
        self.references().label_of(reference)
    }

    /// Whom a label means, for the process `own`; `None` if it is a name that nobody holds.
    pub(crate) fn resolve(&self, label: &Label, own: Pid) -> Option<Actor> {
        if matches!(label, Label::Named(_) | Label::Via(_)) {
            let holder = self.holder(label)?;
            return self.recorder().actor_of(holder);
        }
        let recorder = self.recorder();
        let nobody = || recorder.actor(&Incarnation::nobody());
        match label {
            Label::Own => recorder.actor_of(own),
            Label::Driver => recorder.actor(&Incarnation::driver()),
            Label::Latest(id) => recorder.latest(id).or_else(nobody),
            Label::Exact(id, n) => recorder.actor(&Incarnation::new(id, *n)).or_else(nobody),
            Label::Partition { sup, key } => match recorder.latest(sup)? {
                Actor::Partitions(partitions) => Some(Actor::Worker(partitions.of(key))),
                _ => None,
            },
            Label::Named(_) | Label::Via(_) => None,
        }
    }

    /// Who holds a name, or a key of a registry.
    pub(crate) fn holder(&self, label: &Label) -> Option<Pid> {
        match label {
            Label::Named(name) => {
                self.system.registered().into_iter().find(|(held, _)| held.as_str() == name).map(|(_, pid)| pid)
            }
            Label::Via(via) => self.registry(&via.registry)?.holder(&via.key.to_string()),
            _ => None,
        }
    }

    /// The registry with this id.
    pub(crate) fn registry(&self, id: &str) -> Option<Book> {
        self.registries().find(id)
    }

    /// Notes a registry.
    pub(crate) fn keep_registry(&self, id: &str, book: Book) {
        self.registries().add(id, book);
    }

    /// The table with this label.
    pub(crate) fn table(&self, id: &str) -> Option<Arc<dyn AnyTable>> {
        self.tables().find(id)
    }

    /// Notes a table.
    pub(crate) fn keep_table(&self, id: &str, table: Arc<dyn AnyTable>) {
        self.tables().add(id, table);
    }

    /// True once the event has been recorded, at any time.
    pub(crate) fn has_happened(&self, until: &Until) -> bool {
        self.recorder().has_happened(until)
    }

    /// Notes the trace of a server, or that it has none; returns the one that it had.
    pub(crate) fn trace(&self, of: Pid, trace: Option<DebugId>) -> Option<DebugId> {
        let mut traces = self.traces.lock().unwrap_or_else(PoisonError::into_inner);
        match trace {
            Some(trace) => traces.insert(of, trace),
            None => traces.remove(&of),
        }
    }

    /// Whether anything is going on; see [`Quiet`].
    pub(crate) fn quiet(&self) -> Option<Quiet> {
        let events = self.recorder().count();
        let waiting = self.live().waiting(&self.system)?;
        let pausing =
            waiting.iter().any(|info| info.doing.as_str() != Doing::RECEIVING.as_str() && !self.is_raw(info.pid));
        let runs = waiting.iter().map(|info| (info.pid, info.runs)).collect();
        Some(Quiet { runs, events, timers: self.system.timer_count(), pausing })
    }

    /// Raw processes wait for steps, and do not receive from their mailboxes meanwhile.
    fn is_raw(&self, pid: Pid) -> bool {
        matches!(self.recorder().actor_of(pid), Some(Actor::Raw(_)))
    }

    fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn registries(&self) -> MutexGuard<'_, Registries> {
        self.registries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tables(&self) -> MutexGuard<'_, Tables> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn references(&self) -> MutexGuard<'_, References> {
        self.references.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

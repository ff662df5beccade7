use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use otp_behaviour::{Ack, BehaviourContext, Mail, Mode, Parent, Signal, Systemic, contain, report_crash};
use otp_core::{
    Belonging, End, ExitReason, Label, Name, NameError, Pid, Process, ProcessContext, ProcessRef, Registration, System,
    yield_now,
};

use super::table::Table;
use crate::figures::{Open, ScopeFigures};

/// An element of the mailbox of a scope. Its type is the type of a scope's [name](super::GroupsName).
pub struct ScopeMessage<K, M>(PhantomData<fn(K, M)>);

impl<K, M> ScopeMessage<K, M> {
    pub(super) fn new() -> ScopeMessage<K, M> {
        ScopeMessage(PhantomData)
    }
}

impl<K, M> fmt::Debug for ScopeMessage<K, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("messages for monitors")
    }
}

/// The code of a scope's process: its life is that of the groups, and it sends the messages of their monitors.
pub(super) async fn run<K, M>(
    ctx: ProcessContext<ScopeMessage<K, M>>,
    parent: Parent,
    ack: Ack,
    table: Arc<Table<K, M>>,
) -> ExitReason
where
    K: Hash + Eq + Send + Sync + 'static,
    M: Send + 'static,
{
    Open::add(ctx.system(), ctx.pid(), &table);
    ctx.keep(Closing(table.clone()));
    let _ = table.scope.set(ctx.this());
    ack.started();
    let mut scope = Scope { ctx, parent, mode: Mode::Running, table };
    // What came in before there was a process to poke.
    scope.send_notices().await;
    scope.until_it_stops().await
}

struct Scope<K, M> {
    ctx: ProcessContext<ScopeMessage<K, M>>,
    parent: Parent,
    mode: Mode,
    table: Arc<Table<K, M>>,
}

impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> Scope<K, M> {
    async fn until_it_stops(&mut self) -> ExitReason {
        loop {
            let (parent, mode) = (self.parent, self.mode);
            match self.ctx.receive_mail(|message| parent.admits(mode, &message)).await {
                Mail::Message(_) => self.send_notices().await,
                Mail::Signal(signal) => match *signal {
                    Signal::Exit(exit) if parent.sent(&exit) => return exit.reason,
                    Signal::Stop(stop) => return stop.reason,
                    Signal::System(request) => request.serve(self),
                    _ => {}
                },
            }
        }
    }

    async fn send_notices(&mut self) {
        for sent in 1_u64.. {
            let Some(notice) = self.table.write().notices.pop_front() else { return };
            // The conversion of a message is code of its receiver, and no business of the others.
            if let Err(crash) = contain(|| notice.send()) {
                report_crash(&self.ctx, &crash);
            }
            if sent % u64::from(Process::BUDGET) == 0 {
                yield_now().await;
            }
        }
    }
}

impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> Systemic for Scope<K, M> {
    fn process(&self) -> &Process {
        &self.ctx
    }

    fn mode(&mut self) -> Option<&mut Mode> {
        Some(&mut self.mode)
    }
}

/// Ends the groups with the process of their scope.
struct Closing<K, M>(Arc<Table<K, M>>);

impl<K: Hash + Eq + Send + Sync + 'static, M: Send + 'static> Belonging for Closing<K, M> {
    fn owner_ended(self: Box<Self>, end: &End<'_>) {
        end.system.slot::<Scopes>().forget(end.pid);
        Open::<ScopeFigures>::forget(end.system, end.pid);
        self.0.close();
    }
}

/// The tables of the scopes of a system that have names, by the pids of their processes. It keeps none of them alive.
#[derive(Default)]
pub(super) struct Scopes(Mutex<HashMap<Pid, AnyTable>>);

type AnyTable = Weak<dyn Any + Send + Sync>;

impl Scopes {
    pub(super) fn find<T: Send + Sync + 'static>(system: &System, pid: Pid) -> Option<Arc<T>> {
        let scopes = system.slot::<Scopes>();
        let table = scopes.0.lock().unwrap_or_else(PoisonError::into_inner).get(&pid).cloned();
        table?.upgrade()?.downcast().ok()
    }

    fn add(&self, pid: Pid, table: AnyTable) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(pid, table);
    }

    fn forget(&self, pid: Pid) {
        let table = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&pid);
        drop(table);
    }
}

/// Registers a scope, so that its name leads to its groups from the beginning.
pub(super) struct Named<K, M> {
    pub(super) name: Name<ScopeMessage<K, M>>,
    pub(super) table: Arc<Table<K, M>>,
}

impl<K, M> Registration<ScopeMessage<K, M>> for Named<K, M>
where
    K: Hash + Eq + Send + Sync + 'static,
    M: Send + 'static,
{
    fn label(&self) -> Label {
        Label::from(self.name.clone())
    }

    fn claim(&self, process: &ProcessRef<ScopeMessage<K, M>>, owner: &Process) -> Result<(), NameError> {
        let any: Arc<dyn Any + Send + Sync> = self.table.clone();
        let scopes = process.system().slot::<Scopes>();
        scopes.add(process.pid(), Arc::downgrade(&any));
        self.name.claim(process, owner).inspect_err(|_| scopes.forget(process.pid()))?;
        // Here, too: the process may end before it runs.
        owner.keep(Closing(self.table.clone()));
        Ok(())
    }
}

impl<K, M> fmt::Debug for Named<K, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.name, f)
    }
}

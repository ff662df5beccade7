//! What threads do at once.

use std::time::Duration;

use futures::channel::oneshot;
use otp::prelude::*;
use otp::registry::Registry;
use otp::table::{Public, Set, Write};

use super::Otp;
use crate::backends::Backend;
use crate::workloads::scaling::{Act, NAMES, Scaled, compute, nth};

/// Processes with names and keys, and two for each thread alone.
pub struct Shared {
    system: System,
    names: Vec<Name<()>>,
    processes: Vec<ProcessRef<()>>,
    registry: Registry<u64, ()>,
    table: Set<u64, u64, Write>,
    own: Vec<(Process, ProcessRef<()>)>,
}

/// More threads than one has their own processes all the same, only not alone.
const OWN: u64 = 64;

impl<B: Backend> Scaled for Otp<B> {
    type Shared = Shared;

    const ACTS: &'static [Act<Self>] = &[
        Act { name: "compute", what: "a computation: the control", act: |_, _, times| compute(times) },
        Act { name: "lookup", what: "find a process by its name, among 100,000", act: look_up },
        Act { name: "lookup-hot", what: "find a process by its name, always the same", act: look_up_one },
        Act { name: "register", what: "give a process a name, and take it away", act: register },
        Act { name: "alive", what: "ask whether a process is alive, one of 100,000, by its pid", act: is_alive },
        Act { name: "timers", what: "arm a timer for a process, and cancel it", act: arm_and_cancel },
        Act { name: "links", what: "link two processes, and unlink them", act: link },
        Act { name: "monitors", what: "set a monitor, and remove it", act: monitor },
        Act { name: "registry", what: "find a process by its key in a registry, among 100,000", act: by_key },
        Act { name: "table", what: "look a row up in a table, among 100,000", act: row_of },
    ];

    async fn share(&self, names: Vec<String>) -> Shared {
        let system = self.system.clone();
        let registry = Registry::new(&system);
        registry.start(&system).await.expect("it is the first");
        let names: Vec<_> = names.into_iter().map(Name::dynamic).collect();
        let mut processes = Vec::new();
        for (key, name) in (0..).zip(&names) {
            let registry = registry.clone();
            let (done, registered) = oneshot::channel();
            let process = system.spawn(async move |mut ctx: ProcessContext<()>| {
                registry.register(&ctx, key, ()).expect("the key is free");
                let _ = done.send(());
                ctx.receive().await;
            });
            system.register(name, &process).expect("the name is free");
            registered.await.expect("it was run");
            processes.push(process);
        }
        let mut own = Vec::new();
        for _ in 0..OWN {
            own.push((start(&system).await, ProcessRef::of(&system, start(&system).await.pid()).expect("it waits")));
        }
        let owner = otp::Process::current().expect("a client is a process");
        let table = Set::<u64, u64, Public>::new(&owner).writer();
        (0..NAMES).for_each(|key| table.insert(key, key).expect("the table is there"));
        Shared { system, names, processes, registry, table, own }
    }

    async fn end(&self, shared: Shared) {
        shared.system.exit(shared.registry.pid().expect("it is running"), ExitReason::Shutdown);
        let own = shared.own.iter().flat_map(|(process, other)| [process.pid(), other.pid()]);
        own.for_each(|pid| shared.system.exit(pid, ExitReason::Kill));
        shared.processes.iter().for_each(|process| process.exit(ExitReason::Kill));
        for process in shared.processes {
            process.exited().await;
        }
    }
}

async fn start(system: &System) -> Process {
    let (give, given) = oneshot::channel();
    system.spawn(async move |mut ctx: ProcessContext<()>| {
        let _ = give.send(Process::clone(&ctx));
        ctx.receive().await;
    });
    given.await.expect("it was run")
}

fn look_up(shared: &Shared, thread: u64, times: u64) {
    for n in 0..times {
        let found = shared.system.whereis(&shared.names[nth(thread, n)]);
        assert!(found.is_ok_and(|found| found.is_some()));
    }
}

fn look_up_one(shared: &Shared, _: u64, times: u64) {
    for _ in 0..times {
        assert!(shared.system.whereis(&shared.names[0]).is_ok_and(|found| found.is_some()));
    }
}

fn register(shared: &Shared, thread: u64, times: u64) {
    let (_, own) = shared.own(thread);
    for n in 0..times {
        let name = Name::dynamic(format!("thread {thread}, number {n}"));
        shared.system.register(&name, own).expect("it has no name");
        shared.system.unregister(&name).expect("it has this name");
    }
}

fn is_alive(shared: &Shared, thread: u64, times: u64) {
    for n in 0..times {
        assert!(shared.system.is_alive(shared.processes[nth(thread, n)].pid()));
    }
}

fn arm_and_cancel(shared: &Shared, thread: u64, times: u64) {
    let (_, own) = shared.own(thread);
    for _ in 0..times {
        let timer = shared.system.send_after(Duration::from_secs(60), own, ());
        timer.cancel().expect("it is still running");
    }
}

fn link(shared: &Shared, thread: u64, times: u64) {
    let (process, other) = shared.own(thread);
    for _ in 0..times {
        process.link(other.pid()).expect("it is alive");
        process.unlink(other.pid());
    }
}

fn monitor(shared: &Shared, thread: u64, times: u64) {
    let (process, other) = shared.own(thread);
    for _ in 0..times {
        let monitor = process.monitor(other.pid());
        assert!(process.demonitor(monitor));
    }
}

fn by_key(shared: &Shared, thread: u64, times: u64) {
    for n in 0..times {
        assert!(shared.registry.lookup(&(nth(thread, n) as u64)).is_some());
    }
}

fn row_of(shared: &Shared, thread: u64, times: u64) {
    for n in 0..times {
        let row = shared.table.lookup(&(nth(thread, n) as u64)).expect("the table is there");
        assert!(row.is_some());
    }
}

impl Shared {
    fn own(&self, thread: u64) -> &(Process, ProcessRef<()>) {
        &self.own[(thread % OWN) as usize]
    }
}

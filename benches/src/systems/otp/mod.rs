//! otp, on each of its backends. Clients are processes.

mod processes;
mod registries;
mod scaling;
mod servers;
mod tables;
mod telemetry;
mod topics;
mod trees;

use otp::{ProcessContext, System};

use crate::backends::Backend;
use crate::case::{Entrant, Id};
use crate::system::System as Measured;
use crate::workloads::{
    call, call_busy, cast, cast_bounded, fan_out, groups, idle, memory, names, overload, ping_pong, registry, restart,
    ring, scaling as scaled, selective, spawn, table, tail, timers, topic, watched,
};

pub fn entrants<B: Backend>() -> Vec<Entrant> {
    [
        call::entrants::<Otp<B>>(),
        call::from_outside::<Otp<B>>(),
        call_busy::entrants::<Otp<B>>(),
        call_busy::with_timer::<Otp<B>>(),
        fan_out::entrants::<Otp<B>>(),
        cast::entrants::<Otp<B>>(),
        cast_bounded::entrants::<Otp<B>>(),
        ping_pong::entrants::<Otp<B>>(),
        ring::entrants::<Otp<B>>(),
        spawn::entrants::<Otp<B>>(),
        spawn::of_servers::<Otp<B>>(),
        memory::entrants::<Otp<B>>(),
        tail::entrants::<Otp<B>>(),
        idle::entrants::<Otp<B>>(),
        selective::entrants::<Otp<B>>(),
        restart::entrants::<Otp<B>>(),
        restart::of_deep_trees::<Otp<B>>(),
        names::entrants::<Otp<B>>(),
        groups::entrants::<Otp<B>>(),
        registry::entrants::<Otp<B>>(),
        table::entrants::<Otp<B>>(),
        overload::entrants::<Otp<B>>(),
        timers::entrants::<Otp<B>>(),
        tail::of_timers::<Otp<B>>(),
        topic::entrants::<Otp<B>>(),
        topic::of_streams::<Otp<B>>(),
        scaled::entrants::<Otp<B>>(),
        scaled::of_clients::<Otp<B>>(),
        // The last: who listens to spans does so until the end of the program.
        watched::entrants::<Otp<B>>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[derive(Clone)]
struct Otp<B> {
    backend: B,
    system: System,
}

impl<B: Backend> Measured for Otp<B> {
    const ID: Id = Id { name: "otp", backend: B::NAME };
    type Executor = B::Executor;

    fn start() -> (B::Executor, Otp<B>) {
        let (executor, backend) = B::start();
        let system = backend.otp();
        (executor, Otp { backend, system })
    }

    fn client<T, F>(&self, client: F) -> impl Future<Output = T> + Send + 'static
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (done, end) = futures::channel::oneshot::channel();
        self.system.spawn(async move |_: ProcessContext<()>| {
            let _ = done.send(client.await);
        });
        async { end.await.expect("the client was run to its end") }
    }

    fn run<T, F>(&self, executor: &B::Executor, client: F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        B::block_on(executor, self.client(client))
    }
}

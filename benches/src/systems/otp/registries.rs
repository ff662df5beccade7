//! Registries of processes.

use std::time::Instant;

use otp::prelude::*;
use otp::registry::Registry;

use super::Otp;
use crate::backends::Backend;
use crate::case::per_op;
use crate::workloads::registry::Keyed;

impl<B: Backend> Keyed for Otp<B> {
    type Idle = ProcessRef<()>;
    type Registry = Registry<u64, ()>;

    async fn open(&self) -> Registry<u64, ()> {
        let registry = Registry::new(&self.system);
        registry.start(&self.system).await.expect("it is the first");
        registry
    }

    async fn register_all(&self, registry: &Registry<u64, ()>, count: u64) -> (f64, ProcessRef<()>) {
        let registry = registry.clone();
        let (done, time) = futures::channel::oneshot::channel();
        let process = self.system.spawn(async move |mut ctx: ProcessContext<()>| {
            let start = Instant::now();
            for key in 0..count {
                registry.register(&ctx, key, ()).expect("the key is free");
            }
            let _ = done.send(per_op(start.elapsed(), count));
            ctx.receive().await;
        });
        (time.await.expect("it was run to its end"), process)
    }

    fn start_under(&self, registry: &Registry<u64, ()>, key: u64) -> ProcessRef<()> {
        let registry = registry.clone();
        self.system.spawn(async move |mut ctx: ProcessContext<()>| {
            registry.register(&ctx, key, ()).expect("the key is free");
            drop(registry);
            ctx.receive().await;
        })
    }

    fn count(registry: &Registry<u64, ()>) -> u64 {
        registry.count() as u64
    }

    fn is_registered(registry: &Registry<u64, ()>, key: u64) -> bool {
        registry.lookup(&key).is_some()
    }

    async fn end(&self, _: &Registry<u64, ()>, processes: Vec<ProcessRef<()>>) {
        for process in &processes {
            process.exit(ExitReason::Shutdown);
        }
        for process in processes {
            process.exited().await;
        }
    }

    fn close(&self, registry: Registry<u64, ()>) {
        self.system.exit(registry.pid().expect("it is running"), ExitReason::Shutdown);
    }
}

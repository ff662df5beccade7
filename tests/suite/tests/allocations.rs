//! What the hot paths allocate, counted. All in one test: the counts are those of the whole program.

use std::alloc::System as Heap;

use otp::ProcessContext;
use otp::prelude::*;
use otp::runtime::NestedRun;
use otp::smol::SmolExecutor;
use otp::tokio::TokioExecutor;
use otp_suite::inside;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<Heap> = &INSTRUMENTED_SYSTEM;

struct Counter(u64);

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Counter(0)
    }

    #[call]
    fn add(&mut self, n: u64) -> u64 {
        self.0 += n;
        self.0
    }

    /// Cannot be answered within the caller's poll.
    #[call]
    async fn add_later(&mut self, n: u64) -> u64 {
        otp::yield_now().await;
        self.0 += n;
        self.0
    }

    #[cast]
    fn count(&mut self) {
        self.0 += 1;
    }
}

const TIMES: u64 = 10_000;

/// An executor, and how many allocations it may make itself for [`TIMES`] operations: tables grow now and then, and the
/// run queues of async-executor are lists of blocks, one for 31 wake-ups, of which a call that waits takes several.
#[derive(Clone, Copy)]
struct Backend {
    name: &'static str,
    own: u64,
}

/// Allocations since it was made.
struct Count(Region<'static, Heap>);

impl Count {
    fn start() -> Count {
        Count(Region::new(HEAP))
    }

    /// No more than `most` for each of [`TIMES`] operations.
    #[track_caller]
    fn check(&self, what: &str, most: u64, backend: Backend) {
        let change = self.0.change();
        let made = (change.allocations + change.reallocations) as u64;
        let Backend { name, own } = backend;
        assert!(made <= most * TIMES + own, "{what} on {name}: {made} allocations for {TIMES}");
    }
}

async fn count_all(system: System, backend: Backend) {
    inside(&system, async move |ctx: ProcessContext<()>| {
        let counter = Counter::start(&ctx, ()).await.unwrap();
        for round in 0..2 {
            let calls = Count::start();
            for _ in 0..TIMES {
                counter.add(1).await.unwrap();
            }
            // The first round grows what stays.
            if round == 1 {
                calls.check("a call that runs inline", 1, backend);
            }

            let waits = Count::start();
            for _ in 0..TIMES {
                counter.add_later(1).await.unwrap();
            }
            if round == 1 {
                waits.check("a call that has to wait", 1, backend);
            }

            let casts = Count::start();
            for n in 0..TIMES {
                counter.count();
                if n % 100 == 0 {
                    counter.add(0).await.unwrap();
                }
            }
            if round == 1 {
                casts.check("a cast", 0, backend);
            }

            let spawns = Count::start();
            for n in 0..TIMES {
                let process = ctx.spawn(async |_: ProcessContext<u64>| {});
                if n % 100 == 0 {
                    process.exited().await;
                }
            }
            while ctx.system().process_count() > 2 {
                otp::yield_now().await;
            }
            if round == 1 {
                spawns.check("a process", 2, backend);
            }
        }
    })
    .await;
}

#[test]
fn a_cast_allocates_nothing_a_call_once_and_a_process_twice() -> Result<(), NestedRun> {
    let tokio = Backend { name: "tokio", own: TIMES / 20 };
    TokioExecutor::with_workers(2).run(async |system| count_all(system, tokio).await)?;
    let current = Backend { name: "tokio, current thread", ..tokio };
    TokioExecutor::current_thread().run(async |system| count_all(system, current).await)?;
    let smol = Backend { name: "smol", own: TIMES / 2 };
    SmolExecutor::with_workers(2).run(async |system| count_all(system, smol).await)
}

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

/// Allocations for each of [`TIMES`] operations, but for one in ten: tables grow now and then, and the run queue of
/// async-executor is a list of blocks, one for 31 wake-ups.
struct Count {
    at: Region<'static, Heap>,
    what: &'static str,
}

impl Count {
    fn of(what: &'static str) -> Count {
        Count { at: Region::new(HEAP), what }
    }

    #[track_caller]
    fn is_at_most(self, most: u64, backend: &str) {
        let change = self.at.change();
        let made = change.allocations + change.reallocations;
        let allowed = most * TIMES + TIMES / 10;
        assert!(made as u64 <= allowed, "{} on {backend}: {made} allocations for {TIMES}", self.what);
    }
}

async fn count_all(system: System, backend: &'static str) {
    inside(&system, async move |ctx: ProcessContext<()>| {
        let counter = Counter::start(&ctx, ()).await.unwrap();
        for round in 0..2 {
            let calls = Count::of("a call that runs inline");
            for _ in 0..TIMES {
                counter.add(1).await.unwrap();
            }
            // The first round grows what stays.
            if round == 1 {
                calls.is_at_most(1, backend);
            }

            let waits = Count::of("a call that has to wait");
            for _ in 0..TIMES {
                counter.add_later(1).await.unwrap();
            }
            if round == 1 {
                waits.is_at_most(1, backend);
            }

            let casts = Count::of("a cast");
            for n in 0..TIMES {
                counter.count();
                if n % 100 == 0 {
                    counter.add(0).await.unwrap();
                }
            }
            if round == 1 {
                casts.is_at_most(0, backend);
            }

            let spawns = Count::of("a process");
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
                spawns.is_at_most(2, backend);
            }
        }
    })
    .await;
}

#[test]
fn a_cast_allocates_nothing_a_call_once_and_a_process_twice() -> Result<(), NestedRun> {
    TokioExecutor::with_workers(2).run(async |system| count_all(system, "tokio").await)?;
    TokioExecutor::current_thread().run(async |system| count_all(system, "tokio, current thread").await)?;
    SmolExecutor::with_workers(2).run(async |system| count_all(system, "smol").await)
}

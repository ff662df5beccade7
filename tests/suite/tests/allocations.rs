//! How often the hot path asks for memory: never for a cast, at most once for a call, at most twice for a process, what
//! the executor asks for included; and how much an idle server takes. Alone in its file, and one test, since it counts
//! for the whole program.

use std::alloc::System as Heap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use otp::call::BoxCall;
use otp::prelude::*;
use otp::smol::SmolExecutor;
use otp::tokio::TokioExecutor;
use otp_suite::{inside, until};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<Heap> = &INSTRUMENTED_SYSTEM;

const OPERATIONS: usize = 10_000;

/// What queues and tables ask for as they grow, shared out: an operation that asks by itself counts as one. On tokio it
/// is less than a hundredth; smol's queue of woken tasks takes a block for every 31, and a call that has to wait wakes
/// several.
const GROWTH: f64 = 0.4;

struct Counter {
    sum: usize,
}

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Counter { sum: 0 }
    }

    #[cast]
    fn add(&mut self, n: usize) {
        self.sum += n;
    }

    #[call]
    fn get(&mut self) -> usize {
        self.sum
    }

    #[call(Counting)]
    fn sum(&mut self) -> usize {
        self.sum
    }

    /// Cannot be answered by the poll that receives it.
    #[call]
    async fn get_later(&mut self) -> usize {
        otp::process::yield_now().await;
        self.sum
    }
}

/// A protocol.
trait Counting {
    fn sum(&self) -> BoxCall<usize>;
}

/// A server with a state of eight bytes, and callbacks that never wait.
struct Adder(u64);

#[gen_server]
impl Adder {
    #[init]
    fn init() -> Self {
        Adder(0)
    }

    #[call]
    fn add(&mut self, n: u64) -> u64 {
        self.0 += n;
        self.0
    }
}

/// How often the program asks for memory, for each operation: the least of some runs after a first one, since a machine
/// that is busy runs some calls of a run on another thread.
async fn count<Fut: Future<Output = ()>>(run: impl Fn() -> Fut) -> f64 {
    run().await;
    let mut least = f64::INFINITY;
    for _ in 0..8 {
        let region = Region::new(HEAP);
        run().await;
        let change = region.change();
        least = least.min((change.allocations + change.reallocations) as f64 / OPERATIONS as f64);
    }
    least
}

/// Checks all that is promised, on one executor, which asks `idle` times at most when a thread of its own finds nothing
/// to do while a timer is armed.
async fn check(system: System, backend: &'static str, idle: f64) {
    let within = |what: &str, goal: f64, counted: f64| {
        assert!(counted <= goal + GROWTH, "{backend}: {counted} for each {what}");
    };

    let ended = Arc::new(AtomicUsize::new(0));
    within("process", 2.0, count(|| spawns(system.clone(), ended.clone())).await);

    let counter = Counter::start(&system, ()).await.unwrap();
    within("cast", 0.0, count(|| casts(counter.clone())).await);
    within("call from outside, without a time limit", 1.0, count(|| endless_calls(counter.clone())).await);
    within("call through a protocol, without a time limit", 2.0, count(|| boxed_calls(counter.clone())).await);
    let callee = counter.clone();
    let counts = async move |_: ProcessContext<()>| {
        // First, as long as no timer is armed.
        let endless = count(|| endless_waiting_calls(callee.clone())).await;
        (endless, count(|| calls(callee.clone())).await, count(|| waiting_calls(callee.clone())).await)
    };
    let (endless, inline, waiting) = inside(&system, counts).await;
    within("call of an idle server", 1.0 + idle, inline);
    within("call that has to wait, without a time limit", 1.0, endless);
    within("call that has to wait", 1.0 + idle, waiting);
    within("call from outside", 1.0 + idle, count(|| calls(counter.clone())).await);
    // Who is no process has no timer to keep from one wait to the next. The thread that waits may look for timers, too: both
    // threads do before they sleep and when they are woken.
    within("call from outside that has to wait", 3.0 + 4.0 * idle, count(|| waiting_calls(counter.clone())).await);
}

/// What an idle server takes, with the executor's task and its place in the table of processes.
async fn bytes_of_idle_servers(system: System) -> f64 {
    let mut servers = Vec::with_capacity(OPERATIONS);
    let region = Region::new(HEAP);
    for _ in 0..OPERATIONS {
        servers.push(Adder::start(&system, ()).await.unwrap());
    }
    let change = region.change();
    for server in servers {
        server.stop().await.unwrap();
    }
    (change.bytes_allocated as f64 - change.bytes_deallocated as f64) / OPERATIONS as f64
}

/// What a process keeps of a call that failed before it was sent.
async fn bytes_kept_of_a_failed_call(system: System) -> usize {
    let counter = Counter::start(&system, ()).await.unwrap();
    counter.stop().await.unwrap();
    let fails = async move |_: ProcessContext<()>| {
        let region = Region::new(HEAP);
        counter.get().await.unwrap_err();
        region.change()
    };
    let change = inside(&system, fails).await;
    change.bytes_allocated - change.bytes_deallocated
}

async fn casts(counter: ServerRef<Counter>) {
    (0..OPERATIONS).for_each(|_| counter.add(1));
    // Also waits until all of them have been handled.
    counter.get().await.unwrap();
}

async fn calls(counter: ServerRef<Counter>) {
    for _ in 0..OPERATIONS {
        counter.get().await.unwrap();
    }
}

async fn boxed_calls(counter: ServerRef<Counter>) {
    let counting: &(dyn Counting + Sync) = &counter;
    for _ in 0..OPERATIONS {
        counting.sum().no_timeout().await.unwrap();
    }
}

async fn endless_calls(counter: ServerRef<Counter>) {
    for _ in 0..OPERATIONS {
        counter.get().no_timeout().await.unwrap();
    }
}

async fn endless_waiting_calls(counter: ServerRef<Counter>) {
    for _ in 0..OPERATIONS {
        counter.get_later().no_timeout().await.unwrap();
    }
}

async fn waiting_calls(counter: ServerRef<Counter>) {
    for _ in 0..OPERATIONS {
        counter.get_later().await.unwrap();
    }
}

async fn spawns(system: System, ended: Arc<AtomicUsize>) {
    ended.store(0, Ordering::Release);
    for _ in 0..OPERATIONS {
        let ended = ended.clone();
        system.spawn(async move |_: ProcessContext<()>| {
            ended.fetch_add(1, Ordering::AcqRel);
        });
    }
    until(|| ended.load(Ordering::Acquire) == OPERATIONS).await;
}

#[test]
fn casts_allocate_nothing_calls_once_and_processes_twice_and_an_idle_server_is_small() {
    TokioExecutor::with_workers(2).run(|system| check(system, "tokio", 0.0)).unwrap();
    TokioExecutor::current_thread().run(|system| check(system, "tokio, current thread", 0.0)).unwrap();
    // Other threads free at other times.
    let bytes = TokioExecutor::current_thread().run(bytes_of_idle_servers).unwrap();
    assert!(bytes <= 640.0, "{bytes} bytes for each idle server");
    let kept = TokioExecutor::current_thread().run(bytes_kept_of_a_failed_call).unwrap();
    assert_eq!(kept, 0, "bytes that a failed call leaves");
    // async-io splits its tree of timers each time it looks for those that have fired.
    SmolExecutor::with_workers(2).run(|system| check(system, "smol", 1.0)).unwrap();
}

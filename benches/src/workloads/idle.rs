//! What a program costs that does nothing: 1,000 servers wait, and nobody calls them. On Linux, which tells.

use std::fs;
use std::thread;
use std::time::Duration;

use super::call::Servers;
use super::memory::{in_fresh_process, resident};
use crate::case::{Case, Entrant, Rounds, Row, Unit};

/// A figure of a fresh process.
macro_rules! case {
    ($workload:literal, $what:literal, $unit:ident) => {
        Case {
            rows: &[Row { workload: $workload, variant: "", what: $what, unit: Unit::$unit }],
            least: 1_000,
            most: 1_000,
            rounds: 3,
        }
    };
}

static WAKE_UPS: Case = case!(
    "idle-wake-ups",
    "how often a second the threads of a program wake up whose 1,000 servers have nothing to do",
    Number
);
static THREADS: Case =
    case!("idle-threads", "the threads of a program with 1,000 servers, two workers among them", Number);
static MEMORY: Case = case!("idle-memory", "the resident memory of a program with one server", Bytes);

pub fn entrants<S: Servers>() -> Vec<Entrant> {
    let entrant = |case: &'static Case, child: fn(u64) -> f64| {
        let workload = case.rows[0].workload;
        let start = move || -> Rounds { Box::new(move |count| vec![in_fresh_process(workload, S::ID, count)]) };
        Entrant { system: S::ID, case, start: Box::new(start), child: Some(child) }
    };
    vec![
        entrant(&WAKE_UPS, wake_ups::<S>),
        entrant(&THREADS, |servers| idle::<S, _>(servers, threads)),
        entrant(&MEMORY, |_| idle::<S, _>(1, || resident() as f64)),
    ]
}

/// What is measured while so many servers wait.
fn idle<S: Servers, R: Send + 'static>(servers: u64, measure: impl FnOnce() -> R + Send + 'static) -> R {
    let (executor, system) = S::start();
    let client = {
        let system = system.clone();
        async move {
            let mut idle = Vec::new();
            for _ in 0..servers {
                let server = system.start_server().await;
                S::call(&server, 1).await;
                idle.push(server);
            }
            idle
        }
    };
    let idle = system.run(&executor, client);
    // What is still to be done after the last call is over by then.
    thread::sleep(Duration::from_millis(500));
    let measured = measure();
    drop(idle);
    measured
}

fn wake_ups<S: Servers>(servers: u64) -> f64 {
    const FOR: Duration = Duration::from_secs(2);
    idle::<S, _>(servers, || {
        let before = switches();
        thread::sleep(FOR);
        // Not the wake-up of this thread.
        (switches() - before - 1.0).max(0.0) / FOR.as_secs_f64()
    })
}

/// How often the threads of this program have waited for something so far.
fn switches() -> f64 {
    tasks().filter_map(|status| field(&status, "voluntary_ctxt_switches:")).sum()
}

fn threads() -> f64 {
    // Without the thread that measures.
    tasks().count() as f64 - 1.0
}

/// What Linux says of each thread of this program.
fn tasks() -> impl Iterator<Item = String> {
    let tasks = fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    tasks.filter_map(|task| fs::read_to_string(task.path().join("status")).ok())
}

fn field(status: &str, name: &str) -> Option<f64> {
    status.lines().find_map(|line| line.strip_prefix(name))?.trim().parse().ok()
}

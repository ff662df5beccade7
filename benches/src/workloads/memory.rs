//! What an idle server costs: what the resident memory of a fresh process grows by, divided by their number.

use std::process::Command;

use super::call::Servers;
use crate::case::{Case, Entrant, Id, Rounds, Row, Unit};

macro_rules! at {
    ($variant:literal, $count:literal, $rounds:literal) => {
        Case {
            rows: &[Row {
                workload: "memory",
                variant: $variant,
                what: concat!($variant, " idle servers with 8 bytes of state; each, the executor's task counted"),
                unit: Unit::Bytes,
            }],
            least: $count,
            most: $count,
            rounds: $rounds,
        }
    };
}

static SIZES: [Case; 3] = [at!("1k", 1_000, 7), at!("100k", 100_000, 3), at!("1M", 1_000_000, 1)];

/// Servers that are started before those that count.
const WARM_UP: usize = 100;

pub fn entrants<S: Servers>() -> Vec<Entrant> {
    SIZES
        .iter()
        .map(|case| Entrant {
            system: S::ID,
            case,
            start: Box::new(|| -> Rounds { Box::new(|count| vec![in_fresh_process("memory", S::ID, count)]) }),
            child: Some(measure::<S>),
        })
        .collect()
}

/// In the fresh process: measures one system in one workload, and says how much.
pub fn child(entrants: &[Entrant], workload: &str, system: &str, count: u64) {
    let is_it = |entrant: &&Entrant| entrant.case.rows[0].workload == workload && entrant.system.to_string() == system;
    let measure = entrants.iter().filter(is_it).find_map(|entrant| entrant.child);
    println!("{}", measure.expect("a system that takes part")(count));
}

/// What a workload measures of a system in a fresh process.
pub fn in_fresh_process(workload: &str, system: Id, count: u64) -> f64 {
    let program = std::env::current_exe().expect("the path of this program");
    let output = Command::new(program)
        .args(["--child", workload, &system.to_string(), &count.to_string()])
        // Or its pages would be of 2 MB, which is more than 1,000 servers take.
        .env("MIMALLOC_ALLOW_THP", "0")
        .output()
        .expect("this program can be started again");
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim()
        .parse()
        .unwrap_or_else(|_| panic!("{system} measured no memory: {text} {}", String::from_utf8_lossy(&output.stderr)))
}

fn measure<S: Servers>(count: u64) -> f64 {
    let (executor, system) = S::start();
    // The places for the handles are not what is measured.
    let mut servers: Vec<Option<S::Server>> = Vec::new();
    servers.resize_with(count as usize, || None);
    let client = {
        let system = system.clone();
        async move {
            // What the executor and the allocator need anyway.
            let first = system.start_server().await;
            S::call(&first, 1).await;
            let mut others = Vec::new();
            for _ in 0..WARM_UP {
                others.push(system.start_server().await);
            }
            let before = resident();
            for server in &mut servers {
                *server = Some(system.start_server().await);
            }
            let grown = resident().saturating_sub(before);
            assert_eq!(S::call(&first, 1).await, 2);
            drop((servers, others));
            grown as f64 / count as f64
        }
    };
    system.run(&executor, client)
}

/// The resident memory of this process, in bytes.
pub fn resident() -> u64 {
    memory_stats::memory_stats().expect("the operating system tells").physical_mem as u64
}

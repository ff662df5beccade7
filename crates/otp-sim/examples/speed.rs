//! How fast the simulator is. `cargo run --release -p otp-sim --example speed`
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement reads the clock and prints")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use otp_core::{Call, Message, ProcessContext, ReplyTo, System};
use otp_sim::{Config, Policy, try_check};

fn main() {
    for policy in [Policy::Random, Policy::RoundRobin, Policy::Pct { depth: 3, steps: 100_000 }] {
        steps(policy);
    }
    calls();
    timers();
    seeds();
}

/// A step is one poll of a process by the scheduler, which chooses it of a hundred.
fn steps(policy: Policy) {
    let name = format!("{policy:?}");
    let config = Config::new().policy(policy).busy_limit(u64::MAX).seeds(1);
    let (checked, took) = timed(|| {
        try_check(config, async |system| {
            let yielding = |system: &System| {
                system.spawn(async |ctx: ProcessContext<()>| {
                    for _ in 0..50_000 {
                        ctx.yield_now().await;
                    }
                })
            };
            let processes: Vec<_> = (0..100).map(|_| yielding(&system)).collect();
            for process in processes {
                process.exited().await;
            }
        })
    });
    let steps = checked.unwrap_or_else(|failed| panic!("{failed}")).steps;
    println!("{name}: {:.1} million steps per second", steps as f64 / took.as_secs_f64() / 1e6);
}

/// Calls between processes: half of them run inline, half of them take two steps and a timer.
fn calls() {
    const CALLS: u64 = 1_000_000;
    let (checked, took) = timed(|| {
        try_check(Config::new().busy_limit(u64::MAX).seeds(1), async |system| {
            let server = system.spawn(async |mut ctx: ProcessContext<ReplyTo<u64>>| {
                loop {
                    if let Message::User(from) = ctx.receive().await {
                        from.reply(1);
                    }
                }
            });
            let client = system.spawn(async move |_: ProcessContext<()>| {
                for _ in 0..CALLS {
                    black_box(Call::new(&server, |from| from).await).expect("it answers");
                }
            });
            client.exited().await;
        })
    });
    checked.unwrap_or_else(|failed| panic!("{failed}"));
    println!("calls: {:.2} million per second", CALLS as f64 / took.as_secs_f64() / 1e6);
}

/// A thousand processes that sleep for a second, again and again.
fn timers() {
    const HOURS: u64 = 1;
    let (checked, took) = timed(|| {
        try_check(Config::new().seeds(1), async |system| {
            for _ in 0..1_000 {
                system.spawn(async |mut ctx: ProcessContext<()>| {
                    loop {
                        ctx.receive_timeout(Duration::from_secs(1)).await;
                    }
                });
            }
            system.sleep(Duration::from_secs(HOURS * 3600)).await;
        })
    });
    let steps = checked.unwrap_or_else(|failed| panic!("{failed}")).steps;
    let per_second = HOURS as f64 / took.as_secs_f64();
    println!("1000 timers: {per_second:.1} virtual hours per second, {steps} steps for {HOURS} hours");
}

/// Small runs: ten processes, a hundred calls.
fn seeds() {
    const SEEDS: u64 = 20_000;
    let (checked, took) = timed(|| {
        try_check(Config::new().seeds(SEEDS), async |system| {
            let servers: Vec<_> = (0..10)
                .map(|_| {
                    system.spawn(async |mut ctx: ProcessContext<ReplyTo<u64>>| {
                        loop {
                            if let Message::User(from) = ctx.receive().await {
                                from.reply(1);
                            }
                        }
                    })
                })
                .collect();
            for n in 0..100 {
                Call::new(&servers[n % 10], |from| from).await.expect("it answers");
            }
        })
    });
    let steps = checked.unwrap_or_else(|failed| panic!("{failed}")).steps / SEEDS;
    println!("runs of {steps} steps: {:.0} seeds per second", SEEDS as f64 / took.as_secs_f64());
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let done = work();
    (done, start.elapsed())
}

//! Equal seeds give equal runs: in one program, in another one, and when a run is replayed from its schedule.

use std::process::Command;
use std::time::Duration;

use otp_core::{Call, ExitReason, From, Message, ProcessContext, ProcessRef, System};
use otp_sim::{Checked, Config, Faults, Policy, try_check};

/// A bit of everything whose order is open: processes, messages, calls, timers, deaths, random numbers, blocking jobs.
async fn bustle(system: System) {
    let workers: Vec<ProcessRef<From<u64>>> = (0..5)
        .map(|_| {
            system.spawn(async |mut ctx: ProcessContext<From<u64>>| {
                loop {
                    match ctx.receive_timeout(Duration::from_millis(3)).await {
                        Some(Message::User(from)) => from.reply(ctx.system().random()),
                        Some(_) => {}
                        None => return,
                    }
                }
            })
        })
        .collect();
    for round in 0..8 {
        let worker = &workers[(system.random() % 5) as usize];
        let other = worker.clone();
        let caller = system.spawn(async move |ctx: ProcessContext<()>| {
            ctx.monitor(&other);
            drop(Call::new(&other, |from| from).await);
        });
        if round % 3 == 0 {
            worker.exit(ExitReason::Kill);
        }
        if round % 2 == 0 {
            assert_eq!(system.spawn_blocking(move || round).await, Ok(round));
        }
        system.sleep(Duration::from_micros(system.random() % 1_000)).await;
        drop(caller);
    }
}

fn two_hundred(policy: Policy) -> Checked {
    let faults = Faults::none()
        .kill(40)
        .pause(30, Duration::from_millis(1))
        .delay_message(5, Duration::from_millis(1))
        .stretch_timer(5, Duration::from_millis(2))
        .fail_spawn(20)
        .jump_wall_clock(10, Duration::from_secs(3600));
    try_check(Config::new().policy(policy).faults(faults).seeds(200), bustle).unwrap()
}

#[test]
fn two_hundred_seeds_are_the_same_the_second_time() {
    for policy in [Policy::Random, Policy::RoundRobin, Policy::Pct { depth: 3, steps: 100 }] {
        assert_eq!(two_hundred(policy.clone()), two_hundred(policy));
    }
}

/// What the child prints.
const HASH: &str = "the hash of the child is ";

#[test]
fn two_hundred_seeds_are_the_same_in_another_program() {
    let checked = two_hundred(Policy::Random);
    if std::env::var_os("OTP_SIM_TEST_CHILD").is_some() {
        #[allow(clippy::print_stdout, reason = "the parent reads it")]
        {
            println!("{HASH}{}", checked.hash);
        }
        return;
    }
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "two_hundred_seeds_are_the_same_in_another_program", "--nocapture"])
        .env("OTP_SIM_TEST_CHILD", "1")
        .output()
        .unwrap();
    let text = String::from_utf8(child.stdout).unwrap();
    let theirs = text.lines().find_map(|line| line.split_once(HASH)).expect("the child prints it").1;
    assert_eq!(theirs, checked.hash.to_string());
}

#[test]
fn different_seeds_are_different_runs() {
    let hash = |seed| try_check(Config::new().first_seed(seed).seeds(1), bustle).unwrap().hash;
    let mut hashes: Vec<u64> = (1..=50).map(hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 50);
}

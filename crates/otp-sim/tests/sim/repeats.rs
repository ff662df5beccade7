//! Equal seeds give equal runs: in one program, in another one, and when a run is replayed from its schedule.

use std::process::Command;
use std::time::Duration;

use otp_core::{Call, ExitReason, Message, ProcessContext, ProcessRef, ReplyTo, System};
use otp_sim::{Checked, Config, Faults, Policy, try_check};

/// What the environment says of seeds is not for tests that count on theirs.
fn config() -> Config {
    Config::new().ignore_environment()
}

/// A bit of everything whose order is open: processes, messages, calls, timers, deaths, random numbers, blocking jobs.
async fn bustle(system: System) {
    let workers: Vec<ProcessRef<ReplyTo<u64>>> = (0..5)
        .map(|_| {
            system.spawn(async |mut ctx: ProcessContext<ReplyTo<u64>>| {
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
    try_check(config().policy(policy).faults(faults).seeds(200), bustle).unwrap()
}

#[test]
fn two_hundred_seeds_are_the_same_the_second_time() {
    for policy in [Policy::Random, Policy::RoundRobin, Policy::Pct { depth: 3, steps: 100 }] {
        assert_eq!(two_hundred(policy.clone()), two_hundred(policy));
    }
}

/// What the child prints.
const CHILD: &str = "the child has checked ";

/// Runs a test in a program of its own, and gives what that printed.
fn child(test: &str, variables: &[(&str, &str)]) -> Option<String> {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env("OTP_SIM_TEST_CHILD", "1")
        .env_remove("OTP_SIM_SEEDS")
        .env_remove("OTP_SIM_SEED")
        .env_remove("OTP_SIM_FROM")
        .env_remove("OTP_SIM_REPLAY")
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().find_map(|line| Some(line.split_once(CHILD)?.1.to_owned()))
}

/// In a child, prints what the parent asks for.
fn in_child(checked: &Checked) -> bool {
    let is_child = std::env::var_os("OTP_SIM_TEST_CHILD").is_some();
    #[allow(clippy::print_stdout, reason = "the parent reads it")]
    if is_child {
        println!("{CHILD}{} seeds to {}", checked.seeds, checked.hash);
    }
    is_child
}

#[test]
fn two_hundred_seeds_are_the_same_in_another_program() {
    let checked = two_hundred(Policy::Random);
    if !in_child(&checked) {
        let theirs = child("repeats::two_hundred_seeds_are_the_same_in_another_program", &[]);
        assert_eq!(theirs, Some(format!("200 seeds to {}", checked.hash)));
    }
}

#[test]
fn the_environment_says_which_seeds_are_tried() {
    let check = |first, seeds| try_check(Config::new().first_seed(first).seeds(seeds), bustle).unwrap();
    if std::env::var_os("OTP_SIM_TEST_CHILD").is_some() {
        in_child(&check(1, 10));
        return;
    }
    let check = |first, seeds| try_check(config().first_seed(first).seeds(seeds), bustle).unwrap();
    let theirs = |variables: &[(&str, &str)]| child("repeats::the_environment_says_which_seeds_are_tried", variables);
    let ours = |checked: Checked| Some(format!("{} seeds to {}", checked.seeds, checked.hash));
    assert_eq!(theirs(&[("OTP_SIM_SEEDS", "3")]), ours(check(1, 3)));
    assert_eq!(theirs(&[("OTP_SIM_SEEDS", "3"), ("OTP_SIM_FROM", "70")]), ours(check(70, 3)));
    assert_eq!(theirs(&[("OTP_SIM_SEED", "42")]), ours(check(42, 1)));
    assert_eq!(theirs(&[("OTP_SIM_REPLAY", "42///")]).map(|text| text.starts_with("1 seeds to ")), Some(true));
    // A variable that cannot be read is no reason to run something else.
    assert_eq!(theirs(&[("OTP_SIM_SEED", "forty-two")]), None);
}

#[test]
fn different_seeds_are_different_runs() {
    let hash = |seed| try_check(config().first_seed(seed).seeds(1), bustle).unwrap().hash;
    let mut hashes: Vec<u64> = (1..=50).map(hash).collect();
    hashes.sort_unstable();
    hashes.dedup();
    assert_eq!(hashes.len(), 50);
}

//! What the report of each kind of failure says, and that a failure can be had again.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use otp_core::{
    Call, ExitReason, Message, Name, Pid, ProcessContext, ProcessRef, ReplyTo, SpawnOptions, System, behaviour,
};
use otp_sim::{Config, Failed, Failure, Policy, Schedule, try_check};

/// What the environment says of seeds is not for tests that count on theirs.
fn config() -> Config {
    Config::new().ignore_environment()
}

/// A request to another server, whose answer is the answer.
enum Ask {
    Nothing,
    Via(ProcessRef<Ask>, ReplyTo<u32>),
}

async fn server(mut ctx: ProcessContext<Ask>) {
    loop {
        if let Message::User(Ask::Via(other, from)) = ctx.receive().await {
            let me = ctx.this();
            // Otherwise the call that closes a cycle is an error.
            let call = Call::new(&other, |from| Ask::Via(me, from)).no_timeout().detect_deadlock(false);
            if let Ok(answer) = call.await {
                from.reply(answer);
            }
        }
    }
}

fn start(system: &System, label: &'static str) -> ProcessRef<Ask> {
    system.spawn_with(SpawnOptions::new().label(label), server).unwrap().process
}

#[test]
fn a_cycle_of_calls_is_reported_as_a_cycle() {
    let failed = try_check(config(), async |system| {
        let (db, cache) = (start(&system, "db"), start(&system, "cache"));
        let _ = Call::new(&db, |from| Ask::Via(cache, from)).no_timeout().await;
    })
    .unwrap_err();
    let Failure::Deadlock(deadlock) = &failed.failure else { panic!("{failed}") };
    let pids: Vec<Pid> = deadlock.processes.iter().map(|process| process.pid).collect();
    assert_eq!(deadlock.cycle, pids);
    let text = failed.to_string();
    let lines = [
        "a cycle of calls: <0.2.0> db -> <0.3.0> cache -> <0.2.0> db",
        "main waits for <0.2.0> db to answer Ask",
        "<0.2.0> db waits for <0.3.0> cache to answer Ask",
        "<0.3.0> cache waits for <0.2.0> db to answer Ask",
    ];
    lines.iter().for_each(|line| assert!(text.contains(line), "{line:?} is missing:\n{text}"));
}

#[test]
fn a_process_that_waits_for_nobody_is_reported_with_what_it_does() {
    let failed = try_check(config(), async |system| {
        let idle = start(&system, "idle");
        idle.exited().await;
    })
    .unwrap_err();
    let text = failed.to_string();
    assert!(text.contains("main waits for something that is no call"), "{text}");
    assert!(text.contains("<0.2.0> idle waits: waiting for a message"), "{text}");
}

#[test]
fn a_request_to_stop_is_in_the_trace() {
    let failed = try_check(config().shrink(0), async |system| {
        let idle = start(&system, "idle");
        behaviour::send_stop(&system, idle.pid(), ExitReason::Shutdown);
        panic!("to see the trace");
    })
    .unwrap_err();
    let text = failed.to_string();
    assert!(text.contains("main asks <0.2.0> idle: stop"), "{text}");
}

#[test]
fn tasks_that_are_never_done_are_a_livelock() {
    let failed = try_check(config().busy_limit(5_000).shrink(0), async |system| {
        let never = system.spawn(async |ctx: ProcessContext<()>| {
            loop {
                ctx.yield_now().await;
            }
        });
        never.exited().await;
    })
    .unwrap_err();
    let text = failed.failure.to_string();
    assert_eq!(text, "livelock: 5000 steps without a rest; the last ones were those of <0.2.0>");
}

#[test]
fn a_program_without_end_reaches_its_limit_of_steps() {
    let failed = try_check(config().step_limit(1_000).shrink(0), async |system| {
        loop {
            system.sleep(Duration::from_secs(1)).await;
        }
    })
    .unwrap_err();
    assert!(matches!(failed.failure, Failure::StepLimit { steps: 1_000, .. }), "{failed}");
}

#[test]
fn what_is_left_behind_is_a_leak_if_that_is_asked_for() {
    let body = async |system: System| {
        let options = SpawnOptions::new().label("forgotten").name(Name::new("the name"));
        let process = system.spawn_with(options, server).unwrap().process;
        system.send_after(Duration::from_secs(60), &process, Ask::Nothing);
        start(&system, "stopped").exit(ExitReason::Shutdown);
    };
    assert!(try_check(config(), body).is_ok());
    let failed = try_check(config().no_leaks(), body).unwrap_err();
    let Failure::Leak(leak) = &failed.failure else { panic!("{failed}") };
    let labels: Vec<_> = leak.processes.iter().map(|process| process.label.clone().unwrap()).collect();
    assert_eq!((labels, leak.names.clone(), leak.timers), (vec!["forgotten".into()], vec!["the name".into()], 1));
}

#[test]
fn an_invariant_is_looked_at_after_every_step() {
    let failed = try_check(config(), async |system| {
        let level = Arc::new(AtomicI64::new(0));
        let watched = level.clone();
        otp_sim::always(move || match watched.load(Ordering::Relaxed) {
            1 => Err("the level is 1".to_owned()),
            _ => Ok(()),
        });
        let process = system.spawn(async move |ctx: ProcessContext<()>| {
            level.store(1, Ordering::Relaxed);
            ctx.yield_now().await;
            level.store(2, Ordering::Relaxed);
        });
        process.exited().await;
    })
    .unwrap_err();
    assert_eq!(failed.failure, Failure::Invariant { what: "the level is 1".to_owned() });
}

#[test]
fn another_thread_that_takes_part_is_an_intruder() {
    let failed = try_check(config(), async |system| {
        let idle = start(&system, "idle");
        std::thread::Builder::new()
            .name("elsewhere".to_owned())
            .spawn(move || drop(idle.try_send(Ask::Nothing)))
            .unwrap()
            .join()
            .unwrap();
        otp_core::yield_now().await;
    })
    .unwrap_err();
    let text = failed.failure.to_string();
    assert!(text.starts_with("the thread \"elsewhere\" sent something in the middle of a simulated run"), "{text}");
}

/// Two processes that read a number, let the other one run, and write it back, one greater; and yield much besides.
async fn lost_update(system: System) {
    let number = Arc::new(AtomicI64::new(0));
    let add = || {
        let number = number.clone();
        system.spawn(async move |ctx: ProcessContext<()>| {
            for step in 0..9 {
                let read = number.load(Ordering::Relaxed);
                ctx.yield_now().await;
                if step == 4 {
                    number.store(read + 1, Ordering::Relaxed);
                }
            }
        })
    };
    let (a, b) = (add(), add());
    a.exited().await;
    b.exited().await;
    assert_eq!(number.load(Ordering::Relaxed), 2, "an update was lost");
}

fn fails(policy: Policy) -> Box<Failed> {
    try_check(config().policy(policy).seeds(100), lost_update).unwrap_err()
}

#[test]
fn a_lost_update_is_found_simplified_and_replayed() {
    let failed = fails(Policy::Random);
    let text = failed.to_string();
    assert!(failed.simplified && text.contains("an update was lost"), "{text}");
    // One has read, and the other one reads and writes before it goes on.
    assert_eq!(failed.schedule.switches(), 1, "{text}");

    let line = text.lines().find_map(|line| line.split_once("OTP_SIM_REPLAY=")).expect("it is in the report").1;
    let schedule: Schedule = line.split(' ').next().unwrap().parse().unwrap();
    let again = fails(Policy::Replay(schedule));
    assert_eq!((again.failure, again.trace), (failed.failure, failed.trace));
}

#[test]
fn priorities_find_it_too() {
    let failed = fails(Policy::Pct { depth: 2, steps: 25 });
    assert!(failed.to_string().contains("an update was lost"), "{failed}");
}

#[test]
fn round_robin_has_one_schedule_for_all_seeds() {
    let hashes: Vec<u64> = (1..4)
        .map(|seed| {
            let config = config().policy(Policy::RoundRobin).first_seed(seed).seeds(1);
            try_check(config, async |system| {
                start(&system, "a").exit(ExitReason::Kill);
            })
            .unwrap()
            .hash
        })
        .collect();
    assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
}

//! What is left of a failure's schedule when what does not matter is gone.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

use otp_core::{Call, ExitReason, Message, ProcessContext, ReplyTo, System};
use otp_sim::{Config, Failed, Faults, try_check};

/// What the environment says of seeds is not for tests that count on theirs.
fn config() -> Config {
    Config::new().ignore_environment().seeds(100)
}

/// Processes that do much in any order, and with them two that lose an update if one of them is held up, once.
async fn a_needle_in_a_haystack(system: System) {
    let hay: Vec<_> = (0..6)
        .map(|n: u64| {
            system.spawn(async move |ctx: ProcessContext<()>| {
                for _ in 0..30 {
                    ctx.yield_now().await;
                    ctx.system().sleep(Duration::from_micros(ctx.system().random() % (20 + n))).await;
                }
            })
        })
        .collect();
    let number = Arc::new(AtomicI64::new(0));
    let updates = [(); 2].map(|()| {
        let number = number.clone();
        system.spawn(async move |ctx: ProcessContext<()>| {
            for round in 0..30 {
                let read = number.load(Relaxed);
                ctx.yield_now().await;
                if round == 15 {
                    number.store(read + 1, Relaxed);
                }
            }
        })
    });
    for process in updates.iter().chain(&hay) {
        process.exited().await;
    }
    assert_eq!(number.load(Relaxed), 2, "an update was lost");
}

/// How many runs are allowed; by default there are a thousand.
const RUNS: u32 = 200;

/// Whether nine of ten are gone of those that are not needed, and at least a hundred were there. One is needed: a process
/// that has read is held up until the other one has.
fn has_shrunk(failed: &Failed) -> bool {
    let (before, after) = (failed.switches_before, failed.schedule.switches());
    before > 100 && after >= 1 && (after - 1) * 10 < before
}

#[test]
fn nine_of_ten_switches_that_do_not_matter_go_within_two_hundred_runs() {
    for first in [1, 1_000, 2_000, 3_000, 4_000] {
        let failed = try_check(config().first_seed(first).shrink(RUNS), a_needle_in_a_haystack).unwrap_err();
        assert!(failed.shrink_runs <= RUNS && has_shrunk(&failed), "{failed}");
    }
}

#[test]
fn of_many_faults_the_two_that_matter_are_left() {
    // A job is done again if its worker is killed in the middle of it; it may be done twice, and not three times.
    let faults = Faults::none()
        .kill(30)
        .pause(20, Duration::from_millis(1))
        .delay_message(5, Duration::from_millis(1))
        .stretch_timer(5, Duration::from_millis(1));
    let failed = try_check(config().faults(faults), async |system| {
        let others: Vec<_> = (0..3)
            .map(|_| {
                system.spawn(async |ctx: ProcessContext<()>| {
                    for _ in 0..20 {
                        ctx.system().sleep(Duration::from_micros(50)).await;
                    }
                })
            })
            .collect();
        let mut tries = 0;
        loop {
            tries += 1;
            assert!(tries < 3, "it was killed twice");
            let worker = system.spawn(async |ctx: ProcessContext<()>| {
                for _ in 0..10 {
                    ctx.system().sleep(Duration::from_micros(50)).await;
                }
            });
            if worker.exited().await == ExitReason::Normal {
                break;
            }
        }
        for other in others {
            other.exited().await;
        }
    })
    .unwrap_err();
    assert!(failed.faults_before >= 10, "{failed}");
    assert_eq!((failed.schedule.faults(), failed.schedule.switches()), (2, 0), "{failed}");
    assert_eq!(failed.troubles.iter().filter(|line| line.contains("FAULT: kill")).count(), 2, "{failed}");
    let line = failed.to_string();
    let line = line.lines().find_map(|line| line.split_once("OTP_SIM_REPLAY=")).expect("it is in the report").1;
    assert!(line.len() < 200, "{line}");
}

#[test]
fn a_call_that_has_to_be_scheduled_is_left() {
    // The callee is run in a step of its own, so that the other process comes in between.
    let failed = try_check(config(), async |system| {
        let number = Arc::new(AtomicI64::new(0));
        let reads = number.clone();
        let server = system.spawn(async move |mut ctx: ProcessContext<ReplyTo<i64>>| {
            loop {
                if let Message::User(from) = ctx.receive().await {
                    from.reply(reads.load(Relaxed));
                }
            }
        });
        system.sleep(Duration::from_millis(1)).await;
        let callers = [(); 2].map(|()| {
            let (server, number) = (server.clone(), number.clone());
            system.spawn(async move |_: ProcessContext<()>| {
                let read = Call::new(&server, |from| from).await.unwrap();
                number.store(read + 1, Relaxed);
            })
        });
        for caller in callers {
            caller.exited().await;
        }
        assert_eq!(number.load(Relaxed), 2, "an update was lost");
    })
    .unwrap_err();
    // By one scheduled call, without a switch of choice: the caller waits for the server, and the other one is older.
    assert!(failed.schedule.switches() <= 1, "{failed}");
    assert!(failed.schedule.to_string().contains('@'), "{failed}");
}

//! A report is enough to understand a failure, however far that is from its cause.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;

use otp_core::{Call, ExitReason, Message, ProcessContext, ProcessRef, ReplyTo, SpawnOptions, System};
use otp_sim::{Config, Faults, try_check};

/// What the environment says of seeds is not for tests that count on theirs.
fn config() -> Config {
    Config::new().ignore_environment().seeds(200)
}

fn start<M: Send + 'static, Fut: Future<Output: otp_core::IntoExit> + Send + 'static>(
    system: &System,
    label: &'static str,
    body: impl FnOnce(ProcessContext<M>) -> Fut + Send + 'static,
) -> ProcessRef<M> {
    system.spawn_with(SpawnOptions::new().label(label), body).unwrap().process
}

/// Counts how many jobs are running.
enum Count {
    Begins,
    Ends,
}

/// A job that was killed after it had reported its end is begun again, and ends once more: the counter fails. Nobody looks
/// at that for a second, in which a timer ticks a hundred times.
async fn a_failure_far_from_its_cause(system: System) {
    let running = Arc::new(AtomicU32::new(0));
    let count = running.clone();
    let counter = start(&system, "counter", async move |mut ctx: ProcessContext<Count>| {
        loop {
            match ctx.receive().await {
                Message::User(Count::Begins) => count.store(count.load(Relaxed) + 1, Relaxed),
                Message::User(Count::Ends) => {
                    count.store(count.load(Relaxed).checked_sub(1).expect("one runs"), Relaxed)
                }
                _ => {}
            }
        }
    });
    counter.try_send(Count::Begins).unwrap();
    loop {
        let to = counter.clone();
        let job = start(&system, "job", async move |ctx: ProcessContext<()>| {
            let _ = to.send(Count::Ends).await;
            ctx.system().sleep(Duration::from_micros(10)).await;
        });
        if job.exited().await == ExitReason::Normal {
            break;
        }
    }
    let ticker = start(&system, "ticker", async |mut ctx: ProcessContext<()>| {
        loop {
            ctx.receive_timeout(Duration::from_millis(10)).await;
        }
    });
    system.sleep(Duration::from_secs(1)).await;
    assert!(ticker.is_alive());
    assert!(counter.is_alive(), "the counter has crashed");
}

fn faults() -> Faults {
    Faults::none().kill(5).at_most(1).only(|info| info.label.as_ref().is_some_and(|label| label.as_str() == "job"))
}

#[test]
fn a_failure_far_from_its_cause_is_readable() {
    let failed = try_check(config().faults(faults()), a_failure_far_from_its_cause).unwrap_err();
    let text = failed.to_string();
    let line = |part: &str| {
        text.lines().position(|line| line.contains(part)).unwrap_or_else(|| panic!("no line {part:?} in\n{text}"))
    };
    // What went wrong first is told first, in its order: who was killed, and who crashed, when and where.
    let (heading, fault, crash) =
        (line("crashes and faults:"), line("FAULT: kill <0.3.0> job"), line("CRASH: <0.2.0> counter"));
    assert!(heading < fault && fault < crash && crash < line("the trace"), "{text}");
    let crash = text.lines().nth(crash).unwrap();
    assert!(crash.contains("one runs, at crates/otp-sim/tests/sim/reports.rs:"), "{crash}");
    let parts: Vec<&str> = crash.split_whitespace().collect();
    assert!(parts[0].parse::<u64>().is_ok() && parts[1].starts_with("0.0000") && parts[1].ends_with('s'), "{crash}");
    // The ticks are folded, so that the forty lines reach back to the beginning.
    assert!(failed.trace.len() <= 40 && !failed.cut, "{text}");
    assert!(text.contains(" times more"), "{text}");
    assert!(failed.trace.iter().any(|line| line.contains("main starts <0.2.0> counter")), "{text}");
    assert_eq!(failed.schedule.faults(), 1, "{text}");
}

#[test]
fn a_run_without_crashes_and_faults_says_so() {
    let failed = try_check(config(), async |_| panic!("to see the report")).unwrap_err();
    assert!(failed.to_string().contains("\nno process crashed, and no fault was injected\n"), "{failed}");
}

#[test]
fn of_many_crashes_the_first_are_told_and_the_others_counted() {
    let failed = try_check(config().shrink(0), async |system| {
        for _ in 0..100 {
            start(&system, "job", async |_: ProcessContext<()>| -> () { panic!("a job") }).exited().await;
        }
        panic!("to see the report");
    })
    .unwrap_err();
    assert_eq!(failed.troubles.len(), 41, "{failed}");
    assert!(failed.troubles[0].contains("CRASH: <0.2.0> job: a job, at "), "{failed}");
    assert!(failed.troubles[40].ends_with("... and 60 more"), "{failed}");
}

#[test]
fn a_call_that_runs_inline_is_a_line() {
    let seen = (1..=20).any(|seed| {
        let failed = try_check(config().first_seed(seed).shrink(0), async |system| {
            let server = start(&system, "echo", async |mut ctx: ProcessContext<ReplyTo<()>>| {
                loop {
                    if let Message::User(from) = ctx.receive().await {
                        from.reply(());
                    }
                }
            });
            let caller = start(&system, "caller", async move |_: ProcessContext<()>| {
                Call::new(&server, |from| from).await.unwrap();
            });
            caller.exited().await;
            panic!("to see the trace");
        });
        let line = "<0.3.0> caller runs <0.2.0> echo inline with ReplyTo<()>";
        failed.unwrap_err().trace.iter().any(|shown| shown.ends_with(line))
    });
    assert!(seen, "in one of twenty seeds");
}

#[test]
fn the_environment_says_how_many_lines_are_shown() {
    let lines = |lines: usize| {
        let failed = try_check(Config::new().seeds(1).trace(lines), async |system| {
            for n in 0..100 {
                otp_sim::note(format!("{n}"));
                system.sleep(Duration::from_millis(1)).await;
            }
            panic!("to see the trace");
        });
        failed.unwrap_err().trace.len()
    };
    if std::env::var_os("OTP_SIM_TEST_CHILD").is_some() {
        assert_eq!(lines(5), 70);
        return;
    }
    assert_eq!(lines(5), 5);
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "reports::the_environment_says_how_many_lines_are_shown"])
        .env("OTP_SIM_TEST_CHILD", "1")
        .env("OTP_SIM_TRACE", "70")
        .status()
        .unwrap();
    assert!(status.success());
}

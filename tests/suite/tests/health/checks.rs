//! Liveness and readiness: what checks tell, how often they run, and what those do that never end.

use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use futures::future::join_all;
use otp::health::{Check, Health, HealthStatus, Watchdog};
use otp::prelude::*;
use otp::{System, sys};
use otp_suite::{begin, until};

use crate::probes::{CLERK, Clerk, ClerkClient};

const SECOND: Duration = Duration::from_secs(1);
const MOMENT: Duration = Duration::from_millis(5);

/// A check that counts its runs.
fn counted(runs: &Arc<AtomicU32>) -> Check {
    let runs = runs.clone();
    Check::new("counted", move |_| {
        runs.fetch_add(1, Ordering::SeqCst);
        async { Ok::<_, String>(()) }
    })
}

/// The reason of the first check of readiness.
async fn reason(health: &Health, system: &System) -> Option<String> {
    health.readiness(system).await.checks()[0].reason.clone()
}

#[otp::test]
async fn a_service_without_checks_is_live_and_ready(system: System) {
    let health = Health::new();
    assert_eq!(health.liveness(&system).await.status(), HealthStatus::Pass);
    assert_eq!(health.readiness(&system).await.to_string(), "pass");
}

#[otp::test]
async fn a_named_process_is_up_from_its_start_to_its_end(system: System) {
    let health = Health::new().ready(Check::process(CLERK).max_age(Duration::ZERO));
    assert_eq!(reason(&health, &system).await.as_deref(), Some("no process has this name"));
    let clerk = Clerk::start(&system, Duration::ZERO).name(CLERK).await.unwrap();
    assert_eq!(reason(&health, &system).await, None);
    // It asks nothing.
    clerk.wait_for_ever();
    assert_eq!(reason(&health, &system).await, None);
    system.exit(clerk.pid().unwrap(), ExitReason::Kill);
    clerk.exited().await;
    assert_eq!(reason(&health, &system).await.as_deref(), Some("no process has this name"));
}

#[otp::test]
async fn a_check_may_take_and_be_kept_for_ever(system: System) {
    let runs = Arc::default();
    let health = Health::new().ready(counted(&runs).timeout(Duration::MAX).max_age(Duration::MAX));
    for _ in 0..2 {
        assert_eq!(reason(&health, &system).await, None);
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[otp::test]
async fn a_process_that_does_not_answer_is_not_ready(system: System) {
    let check = Check::answers(CLERK).max_age(Duration::ZERO).timeout(SECOND);
    let health = Health::new().ready(check.clone());
    let clerk = Clerk::start(&system, Duration::ZERO).name(CLERK).await.unwrap();
    assert_eq!(reason(&health, &system).await, None);
    sys::suspend(&system, clerk.pid().unwrap()).await.unwrap();
    assert_eq!(reason(&health, &system).await, None, "a suspended one answers");
    sys::resume(&system, clerk.pid().unwrap()).await.unwrap();
    clerk.wait_for_ever();
    let slow = Health::new().ready(check.timeout(MOMENT));
    assert_eq!(reason(&slow, &system).await.as_deref(), Some("no answer within 5ms"));
}

#[otp::test]
async fn a_check_leaves_one_request_to_a_process_that_does_not_answer_however_often_it_runs(system: System) {
    let health = Health::new().ready(Check::answers(CLERK).max_age(Duration::ZERO).timeout(MOMENT));
    let clerk = Clerk::start(&system, Duration::ZERO).name(CLERK).await.unwrap();
    let pid = clerk.pid().unwrap();
    clerk.wait_for_ever();
    until(|| system.activity(pid).unwrap().queue == 0).await;
    for _ in 0..5 {
        assert_eq!(reason(&health, &system).await.as_deref(), Some("no answer within 5ms"));
    }
    assert_eq!(system.activity(pid).unwrap().queue, 1);
    // The next holder of the name owes nothing.
    system.exit(pid, ExitReason::Kill);
    clerk.exited().await;
    Clerk::start(&system, Duration::ZERO).name(CLERK).await.unwrap();
    while reason(&health, &system).await.is_some() {}
}

#[otp::test]
async fn what_is_not_live_is_not_ready_and_the_other_way_round(system: System) {
    let health = Health::new()
        .live(Check::new("heart", async |_| Ok::<_, String>(())))
        .ready(Check::new("disk", async |_| Err("97 % full")));
    assert_eq!(health.liveness(&system).await.status(), HealthStatus::Pass);
    let ready = health.readiness(&system).await;
    assert_eq!(ready.to_string(), "fail: disk: 97 % full");
    assert_eq!(ready.checks().iter().map(|check| check.name.as_str()).collect::<Vec<_>>(), ["heart", "disk"]);

    let dead = Health::new().live(Check::new("heart", async |_| Err("no beat"))).clone();
    assert_eq!(dead.liveness(&system).await.to_string(), "fail: heart: no beat");
    assert_eq!(dead.readiness(&system).await.status(), HealthStatus::Fail);
}

#[otp::test]
async fn an_answer_is_kept_for_a_while_and_then_asked_for_again(system: System) {
    let runs = Arc::default();
    let health = Health::new().ready(counted(&runs).max_age(Duration::from_secs(3600)));
    let (first, second) = (health.readiness(&system).await, health.clone().readiness(&system).await);
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    assert!(first.checks()[0].age <= second.checks()[0].age);
    assert_eq!(first.checks()[0].took, second.checks()[0].took);

    let runs = Arc::default();
    let health = Health::new().ready(counted(&runs).max_age(MOMENT));
    health.readiness(&system).await;
    system.sleep(2 * MOMENT).await;
    health.readiness(&system).await;
    assert_eq!(runs.load(Ordering::SeqCst), 2);
}

#[otp::test]
async fn a_check_never_runs_twice_at_the_same_time(system: System) {
    let (runs, open) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let (count, opened) = (runs.clone(), open.clone());
    let check = Check::new("gate", move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        let opened = opened.clone();
        async move {
            until(|| opened.load(Ordering::SeqCst)).await;
            Ok::<_, String>(())
        }
    });
    let health = Health::new().ready(check.max_age(Duration::ZERO).timeout(60 * SECOND));
    let mut asked: Vec<_> = (0..20).map(|_| Box::pin(health.readiness(&system))).collect();
    for one in &mut asked {
        assert!(begin(one).await.is_pending());
    }
    open.store(true, Ordering::SeqCst);
    for report in join_all(asked).await {
        assert_eq!(report.status(), HealthStatus::Pass);
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[otp::test]
async fn a_check_goes_on_when_nobody_waits_for_it_any_more(system: System) {
    let open = Arc::new(AtomicBool::new(false));
    let opened = open.clone();
    let runs = Arc::new(AtomicU32::new(0));
    let count = runs.clone();
    let check = Check::new("gate", move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        let opened = opened.clone();
        async move {
            until(|| opened.load(Ordering::SeqCst)).await;
            Err("told at last")
        }
    });
    let health = Health::new().ready(check.timeout(60 * SECOND).max_age(3600 * SECOND));
    {
        let mut asked = Box::pin(health.readiness(&system));
        assert!(begin(&mut asked).await.is_pending());
    }
    open.store(true, Ordering::SeqCst);
    assert_eq!(reason(&health, &system).await.as_deref(), Some("told at last"));
    assert_eq!(runs.load(Ordering::SeqCst), 1);
}

#[otp::test]
async fn a_check_that_hangs_fails_at_its_limit_and_holds_up_no_other(system: System) {
    let health = Health::new()
        .ready(Check::new("hangs", async |_| pending::<Result<(), String>>().await).timeout(MOMENT))
        .ready(Check::new("works", async |_| Ok::<_, String>(())));
    let report = health.readiness(&system).await;
    assert_eq!(report.to_string(), "fail: hangs: no answer within 5ms");
    assert!(report.checks()[0].took >= MOMENT && report.checks()[1].status == HealthStatus::Pass, "{report:?}");
}

#[otp::test]
async fn a_check_that_panics_fails_and_is_run_again(system: System) {
    let runs = Arc::new(AtomicU32::new(0));
    let count = runs.clone();
    let check = Check::new("fragile", move |_| {
        let run = count.fetch_add(1, Ordering::SeqCst);
        assert!(run > 0, "before its future");
        async move {
            assert!(run > 1, "in its future");
            Ok::<_, String>(())
        }
    });
    let health = Health::new().ready(check.max_age(Duration::ZERO));
    assert_eq!(reason(&health, &system).await.as_deref(), Some("the check panicked: before its future"));
    assert_eq!(reason(&health, &system).await.as_deref(), Some("the check panicked: in its future"));
    assert_eq!(reason(&health, &system).await, None);
}

#[otp::test]
async fn a_check_whose_process_is_killed_fails_and_is_run_again(system: System) {
    let runs = Arc::new(AtomicU32::new(0));
    let count = runs.clone();
    let check = Check::new("victim", move |system: System| {
        let run = count.fetch_add(1, Ordering::SeqCst);
        async move {
            if run == 0 {
                let this = Process::current().expect("a check runs in a process");
                system.exit(this.pid(), ExitReason::Kill);
                pending::<()>().await;
            }
            Ok::<_, String>(())
        }
    });
    let health = Health::new().ready(check.max_age(Duration::ZERO));
    assert_eq!(reason(&health, &system).await.as_deref(), Some("the check was ended before it had an answer"));
    assert_eq!(reason(&health, &system).await, None);
}

/// Where another thread answers whoever asks.
#[otp::test(backends = [tokio])]
async fn a_check_that_holds_its_thread_fails_and_is_not_run_again_before_it_returns(system: System) {
    let (runs, open) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
    let (count, opened) = (runs.clone(), open.clone());
    let check = Check::new("stuck", move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        while !opened.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        async { Ok::<_, String>(()) }
    });
    let health = Health::new().ready(check.timeout(MOMENT).max_age(Duration::ZERO));
    for _ in 0..3 {
        let reason = reason(&health, &system).await.unwrap();
        assert!(reason.starts_with("no answer for "), "{reason}");
    }
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    open.store(true, Ordering::SeqCst);
    while reason(&health, &system).await.is_some() {}
}

#[otp::test]
async fn a_check_may_ask_for_the_health_that_it_is_part_of(system: System) {
    let own = Arc::new(std::sync::OnceLock::<Health>::new());
    let asked = own.clone();
    let check = Check::new("curious", move |system: System| {
        let health = asked.get().cloned();
        async move {
            let report = health.expect("it is set").readiness(&system).await;
            Err(report.to_string())
        }
    });
    let health = Health::new().ready(check.timeout(MOMENT));
    own.set(health.clone()).unwrap();
    let reason = reason(&health, &system).await.unwrap();
    assert!(reason.contains("no answer"), "{reason}");
}

#[otp::test]
async fn a_service_that_is_withdrawn_is_live_and_not_ready(system: System) {
    let health = Health::new();
    health.clone().withdraw("it stops");
    assert_eq!(health.answer(&system, "/livez").await.unwrap().status, 200);
    let answer = health.answer(&system, "/readyz?verbose").await.unwrap();
    assert_eq!((answer.status, answer.body.as_str()), (503, r#"{"checks":[],"reason":"it stops","status":"fail"}"#));
    health.restore();
    assert_eq!(health.answer(&system, "/readyz").await.unwrap().status, 200);
}

#[otp::test]
async fn a_path_that_is_no_health_has_no_answer(system: System) {
    for path in ["", "/", "/healthz", "/livez/", "/LIVEZ", "livez", "/readyz/../livez", "http://x/livez"] {
        assert_eq!(Health::new().answer(&system, path).await, None, "{path}");
    }
}

#[otp::test]
async fn the_json_has_each_check_with_its_reason_and_times(system: System) {
    let health = Health::new().live(Check::new("a \"b\"\n", async |_| Err("<c>\u{7}")));
    let answer = health.answer(&system, "/livez").await.unwrap();
    let json: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(json["status"], "fail");
    assert_eq!((&json["checks"][0]["name"], &json["checks"][0]["reason"]), (&"a \"b\"\n".into(), &"<c>\u{7}".into()));
    assert_eq!(json["checks"][0]["status"], "fail");
    assert!(json["checks"][0]["took_ms"].as_f64() >= Some(0.0) && json["checks"][0]["age_ms"].is_number(), "{json}");
    assert!(json.get("reason").is_none());
}

#[otp::test(backends = [tokio, smol, sim])]
async fn a_handler_that_the_watchdog_reports_makes_the_service_fail(system: System) {
    let health = Health::new().live(Check::nothing_stuck());
    let _watchdog = Watchdog::new().limit(MOMENT).interval(MOMENT).start(&system);
    let clerk = Clerk::start(&system, Duration::ZERO).await.unwrap();
    assert_eq!(health.liveness(&system).await.status(), HealthStatus::Pass);
    clerk.wait_for_ever();
    let report = loop {
        let report = health.liveness(&system).await;
        if report.status() == HealthStatus::Fail {
            break report.to_string();
        }
        system.sleep(MOMENT).await;
    };
    assert!(report.starts_with("fail: nothing stuck: handlers that are stuck: 1, the longest for "), "{report}");
}

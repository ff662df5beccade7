//! The kit's `eventually`: a condition that is to become true within a time on the system's clock.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use otp::prelude::*;
use otp::test::{Probe, eventually};
use otp_suite::failure;

#[otp::test]
async fn a_condition_is_looked_at_until_it_holds_and_then_no_more(system: System) {
    let looks = AtomicUsize::new(0);
    eventually(&system, async || looks.fetch_add(1, Ordering::Relaxed) == 3).await;
    assert_eq!(looks.load(Ordering::Relaxed), 4);
}

#[otp::test]
async fn what_a_condition_finds_is_handed_out(system: System) {
    let looks = AtomicUsize::new(0);
    let look = || looks.fetch_add(1, Ordering::Relaxed);
    assert_eq!(eventually(&system, async || (look() > 2).then_some("found")).await, "found");
    let text: Result<_, &str> = Ok("here");
    assert_eq!(eventually(&system, async || text).await, "here");
}

#[otp::test]
async fn a_condition_that_holds_is_seen_also_when_there_is_no_time(system: System) {
    eventually(&system, async || true).within(Duration::ZERO).await;
}

#[otp::test]
async fn a_condition_that_does_not_hold_fails_at_its_limit_with_its_place_and_what_it_last_said(system: System) {
    let start = system.now();
    let text = failure(eventually(&system, async || false).within(Duration::from_millis(20))).await;
    assert!(system.now() - start >= Duration::from_millis(20));
    assert!(
        text.starts_with("the condition did not hold within 20ms, at tests/suite/tests/kit/eventually.rs:"),
        "{text}"
    );

    let condition = async || Err::<(), _>("still two");
    let text = failure(eventually(&system, condition).within(Duration::ZERO)).await;
    assert!(text.ends_with("; at last: \"still two\""), "{text}");
}

#[otp::test]
async fn a_condition_that_never_answers_fails_at_its_limit_too(system: System) {
    let text = failure(eventually(&system, std::future::pending::<bool>).within(Duration::from_millis(1))).await;
    assert!(text.contains("did not hold within 1ms") && text.ends_with("; at last it was still looking"), "{text}");
}

#[otp::test]
async fn a_condition_is_looked_at_once_more_when_the_time_is_up(system: System) {
    let deadline = system.now() + Duration::from_millis(30);
    eventually(&system, async || system.now() >= deadline).within(Duration::from_millis(30)).await;
}

#[otp::test(backends = [sim])]
async fn in_virtual_time_the_limit_costs_nothing(system: System) {
    let day = Duration::from_secs(24 * 60 * 60);
    let probe = Probe::<()>::start(&system).await;
    failure(probe.next().within(day)).await;
    probe.expect_none(day).await;
    let looks = AtomicUsize::new(0);
    let condition = async || looks.fetch_add(1, Ordering::Relaxed) == usize::MAX;
    failure(eventually(&system, condition).within(day)).await;
    // A geometric series: from a millisecond to a day in steps of a sixteenth, and sixteen steps of a millisecond before.
    assert!(looks.load(Ordering::Relaxed) < 400, "{looks:?}");
}

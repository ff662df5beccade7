//! Operations that are run again.

use std::time::Duration;

use otp::System;
use otp::task::Retry;

/// Fails so often, and then gives the number of the attempt.
fn failing(times: u32) -> impl FnMut() -> std::future::Ready<Result<u32, u32>> {
    let mut attempt = 0;
    move || {
        attempt += 1;
        std::future::ready(if attempt > times { Ok(attempt) } else { Err(attempt) })
    }
}

#[otp::test]
async fn an_operation_is_run_again_until_it_succeeds_or_the_attempts_are_used_up(system: System) {
    let retry = Retry::new().first_pause(Duration::from_millis(1)).attempts(3);
    assert_eq!(retry.run(&system, failing(2)).await, Ok(3));
    assert_eq!(retry.run(&system, failing(3)).await, Err(3));
    assert_eq!(Retry::new().attempts(0).run(&system, failing(1)).await, Err(1));
}

#[otp::test]
async fn an_error_that_is_for_good_is_not_tried_again(system: System) {
    let retry = Retry::new().first_pause(Duration::from_millis(1)).attempts(10);
    assert_eq!(retry.run_when(&system, failing(9), |error| *error < 2).await, Err(2));
}

#[otp::test]
async fn the_pauses_double_up_to_the_longest_one(system: System) {
    let [one, four] = [1, 4].map(Duration::from_millis);
    let started = system.now();
    let retry = Retry::new().first_pause(one).longest_pause(four).attempts(5);
    assert_eq!(retry.run(&system, failing(9)).await, Err(5));
    // 1 + 2 + 4 + 4
    let took = system.now() - started;
    assert!(took >= Duration::from_millis(11), "{took:?}");
    if system.runtime().name() == "sim" {
        assert!(took < Duration::from_millis(12), "{took:?}");
    }
}

#[otp::test]
async fn pauses_that_would_be_too_long_in_all_are_not_made(system: System) {
    let retry = Retry::new().first_pause(Duration::from_millis(2)).total_pause(Duration::from_millis(7)).attempts(9);
    // 2 + 4 are made, 8 more are not.
    assert_eq!(retry.run(&system, failing(9)).await, Err(3));
}

#[test]
fn the_jitter_comes_from_the_seed_of_the_simulation() {
    let took = |seed| {
        otp::sim::SimExecutor::new(seed);
        otp::runtime::run(&otp::sim::SimExecutor::new(seed), Duration::ZERO, async |system| {
            let started = system.now();
            let retry = Retry::new().first_pause(Duration::from_secs(1)).jitter().attempts(4);
            assert_eq!(retry.run(&system, failing(9)).await, Err(4));
            system.now() - started
        })
        .unwrap()
        .output
    };
    assert_eq!(took(1), took(1));
    assert_ne!(took(1), took(2));
    assert!(took(1) > Duration::from_secs(7) && took(1) <= Duration::from_secs(14));
}

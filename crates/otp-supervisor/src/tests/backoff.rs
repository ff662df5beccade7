use std::time::Duration;

use otp_core::ExitReason;
use proptest::prelude::*;

use super::{PIDS, at, spec};
use crate::backoff::Backoff;
use crate::children::{ChildState, Children};
use crate::decide::{Decision, Rules};
use crate::flags::{AutoShutdown, Strategy as Group};
use crate::intensity::Intensity;
use crate::policy::Restart;

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

proptest! {
    #[test]
    fn the_pause_doubles_up_to_its_maximum(first in 0_u64..1000, max: u64, restarts in 0_u32..100) {
        let exact = (u128::from(first) << restarts).min(u128::from(max));
        let backoff = Backoff::new(Duration::from_nanos(first), Duration::from_nanos(max));
        prop_assert_eq!(backoff.pause(restarts).as_nanos(), exact);
    }

    #[test]
    fn no_pause_is_longer_than_the_maximum(first: u64, max: u64, restarts: u32) {
        let backoff = Backoff::new(Duration::from_nanos(first), Duration::from_nanos(max));
        prop_assert!(backoff.pause(restarts) <= Duration::from_nanos(max));
        prop_assert!(backoff.pause(restarts) <= backoff.pause(restarts.saturating_add(1)));
    }
}

proptest! {
    #[test]
    fn jitter_makes_a_pause_shorter_or_longer_by_its_share_at_most(millis in 0_u64..10_000, share in 0.0..=1.0_f64, random: u64) {
        let (pause, max) = (Duration::from_millis(millis), Duration::from_secs(100));
        let jittered = Backoff::new(pause, max).with_jitter(share).jittered(pause, random);
        let most = pause.mul_f64(share) + Duration::from_nanos(1);
        prop_assert!(jittered.abs_diff(pause) <= most, "{jittered:?} for {pause:?}");
    }
}

#[test]
fn jitter_reaches_both_ends_and_without_it_a_pause_is_as_it_is() {
    let plain = Backoff::new(millis(100), millis(100));
    let jittered = |random| plain.with_jitter(0.2).jittered(millis(100), random);
    assert_eq!([0, 200_000, 400_000].map(jittered), [80, 100, 120].map(millis));
    assert_eq!([0, 7, u64::MAX].map(|random| plain.jittered(millis(100), random)), [millis(100); 3]);
}

#[test]
fn a_limit_of_its_own_spares_the_intensity_and_then_gives_the_child_up() {
    let mut rules = rules(0);
    let mut children = Children::with_ids();
    let key = children.add(spec("a", Restart::Permanent).retries(2, Backoff::new(millis(10), millis(10))));
    let mut ends = |pid, started, end| {
        children.started(key, Some(PIDS[pid]), || at(started));
        rules.on_exit(&mut children, PIDS[pid], &ExitReason::Killed, at(end))
    };
    let pause = Decision::Pause(key, millis(10));
    assert_eq!([ends(0, 0, 1), ends(1, 11, 12)], [pause.clone(), pause.clone()]);
    // It has run for longer than its longest pause: it has two retries again.
    assert_eq!([ends(2, 22, 33), ends(3, 43, 44)], [pause.clone(), pause]);
    assert_eq!(ends(4, 54, 55), Decision::GiveUpChild { child: "a".into(), shutdown: false });
    assert_eq!(children.get(key).unwrap().state, ChildState::Stopped);
}

#[test]
fn a_child_begins_anew_when_it_has_run_for_longer_than_the_longest_pause() {
    let backoff = Backoff::new(millis(1), millis(100));
    assert!(!backoff.forgets_after(millis(100)));
    assert!(backoff.forgets_after(millis(101)));
}

/// One child with this backoff, and what its end at each time is answered with.
fn pauses(backoff: Backoff, ends: impl IntoIterator<Item = u64>) -> Vec<Option<Duration>> {
    let mut rules = rules(100);
    let mut children = Children::with_ids();
    let key = children.add(spec("a", Restart::Permanent).backoff(backoff));
    let mut started = 0;
    let mut answers = Vec::new();
    for (ran, &pid) in ends.into_iter().zip(PIDS.iter()) {
        children.started(key, Some(pid), || at(started));
        let end = started + ran;
        started = end;
        answers.push(match rules.on_exit(&mut children, pid, &ExitReason::Killed, at(end)) {
            Decision::Pause(paused, pause) => {
                assert_eq!((paused, children.get(key).unwrap().state), (key, ChildState::Restarting(Some(pid))));
                Some(pause)
            }
            Decision::Restart { .. } => None,
            other => panic!("{other:?}"),
        });
    }
    answers
}

fn rules(limit: usize) -> Rules {
    Rules {
        strategy: Group::OneForOne,
        auto_shutdown: AutoShutdown::Never,
        intensity: Intensity::new(limit, Duration::from_secs(3600)),
    }
}

#[test]
fn each_restart_in_a_row_pauses_twice_as_long() {
    let paused = pauses(Backoff::new(millis(10), millis(50)), [1, 1, 1, 1, 1]);
    assert_eq!(paused, [10, 20, 40, 50, 50].map(|pause| Some(millis(pause))));
}

#[test]
fn a_long_run_begins_the_row_anew() {
    let paused = pauses(Backoff::new(millis(10), millis(50)), [1, 1, 51, 1]);
    assert_eq!(paused, [10, 20, 10, 20].map(|pause| Some(millis(pause))));
}

#[test]
fn a_pause_of_zero_is_none() {
    assert_eq!(pauses(Backoff::new(millis(0), millis(50)), [1, 1]), [None, None]);
    assert_eq!(pauses(Backoff::new(millis(10), millis(0)), [1]), [None]);
}

#[test]
fn the_restart_after_a_pause_is_not_counted_again() {
    let mut rules = rules(1);
    let mut children = Children::with_ids();
    let key = children.add(spec("a", Restart::Permanent).backoff(Backoff::new(millis(1), millis(1))));
    children.started(key, Some(PIDS[0]), || at(0));
    let paused = rules.on_exit(&mut children, PIDS[0], &ExitReason::Killed, at(0));
    assert_eq!(paused, Decision::Pause(key, millis(1)));
    let restart = Decision::Restart { stop: vec![], start: vec![key] };
    assert_eq!(rules.on_pause_over(&children, key), restart);
    // It was started meanwhile, or stopped: the end of the pause means nothing.
    children.started(key, Some(PIDS[1]), || at(1));
    assert_eq!(rules.on_pause_over(&children, key), Decision::Nothing);
    children.ended(key);
    assert_eq!(rules.on_pause_over(&children, key), Decision::Nothing);
}

use std::time::Duration;

use proptest::prelude::*;

use super::at;
use crate::intensity::Intensity;

proptest! {
    /// A restart is allowed if it is one of at most `limit` in the period that ends with it.
    #[test]
    fn it_is_a_sliding_window(limit in 0_usize..5, period in 1_u64..50, gaps in prop::collection::vec(0_u64..30, 0..60)) {
        let mut intensity = Intensity::new(limit, Duration::from_millis(period));
        let mut all = Vec::new();
        let mut now = 0;
        for gap in gaps {
            now += gap;
            all.push(now);
            let in_window = all.iter().filter(|restart| now - **restart <= period).count();
            prop_assert_eq!(intensity.allows(at(now)), in_window <= limit);
        }
    }

    #[test]
    fn restarts_that_are_further_apart_than_the_period_never_add_up(period in 1_u64..50, count in 1_u64..100) {
        let mut intensity = Intensity::new(1, Duration::from_millis(period));
        for n in 0..count {
            prop_assert!(intensity.allows(at(n * (period + 1))));
        }
    }
}

// SUP-45
#[test]
fn a_restart_exactly_a_period_ago_still_counts() {
    let mut intensity = Intensity::new(1, Duration::from_millis(10));
    assert!(intensity.allows(at(0)));
    assert!(!intensity.allows(at(10)));
    let mut intensity = Intensity::new(1, Duration::from_millis(10));
    assert!(intensity.allows(at(0)));
    assert!(intensity.allows(at(11)));
}

// SUP-44
#[test]
fn with_zero_the_first_restart_is_one_too_many() {
    assert!(!Intensity::new(0, Duration::from_secs(5)).allows(at(0)));
}

//! Counters, and other changes of a row in one step.

use otp::prelude::*;
use otp::table::{CounterError, OrderedSet, Set, Step};
use otp_suite::servers::inside;

#[otp::test]
async fn a_counter_counts(system: System) {
    // ETS-9, with the numbers of the BEAM in ets_counters.
    inside(&system, async |ctx| {
        let t: Set<&str, i64> = Set::named(&ctx, "hits").unwrap();
        let error = t.update_counter("c", 1).unwrap_err();
        assert_eq!(error.to_string(), "cannot count in hits: no row has the key");
        let by = Step::<i64>::by;
        assert_eq!(t.update_counter("c", by(2).or_insert(10)), Ok(12));
        assert_eq!(t.update_counter("c", by(2).or_insert(100)), Ok(14));
        assert_eq!(t.update_counter("c", -5), Ok(9));
        assert_eq!(t.update_counter("c", by(3).threshold(11, 0)), Ok(0));
        assert_eq!(t.update_counter("c", by(3).threshold(11, 0)), Ok(3));
        assert_eq!(t.update_counter("c", by(-2).threshold(2, 9)), Ok(9));
        assert_eq!(t.update_counter("c", by(-20).threshold(2, 9)), Ok(9));
        assert_eq!((t.update_counter("c", 0), t.lookup("c")), (Ok(9), Ok(Some(9))));
    })
    .await;
}

#[otp::test]
async fn a_number_that_the_type_does_not_have_is_an_error(system: System) {
    inside(&system, async |ctx| {
        let small: OrderedSet<&str, u8> = OrderedSet::new(&ctx);
        small.insert("c", 250).unwrap();
        for step in [Step::by(6), Step::by(-251), Step::by(i64::MIN)] {
            assert!(matches!(small.update_counter("c", step), Err(CounterError::OutOfRange { .. })));
        }
        assert_eq!(small.lookup("c"), Ok(Some(250)));
        // What would exceed the threshold is set to the other number, whatever the type has.
        assert_eq!(small.update_counter("c", Step::by(i64::MAX).threshold(251, 7)), Ok(7));
        let large: Set<&str, u64> = Set::new(&ctx);
        large.insert("c", u64::MAX - 1).unwrap();
        assert_eq!(large.update_counter("c", 1), Ok(u64::MAX));
        assert!(large.update_counter("c", 1).is_err());
    })
    .await;
}

#[otp::test]
async fn a_counter_may_be_a_part_of_a_value(system: System) {
    #[derive(Clone, Debug, Default, PartialEq)]
    struct Page {
        title: &'static str,
        hits: u32,
    }
    inside(&system, async |ctx| {
        let pages: Set<u8, Page> = Set::new(&ctx);
        assert!(matches!(pages.update_counter_in(1, None, |page| &mut page.hits, 1), Err(CounterError::NoRow { .. })));
        let first = Page { title: "home", hits: 5 };
        assert_eq!(pages.update_counter_in(1, Some(first), |page| &mut page.hits, 2), Ok(7));
        assert_eq!(pages.update_element(1, |page| page.title = "start"), Ok(true));
        assert_eq!(pages.update_element(2, |page| page.title = "none"), Ok(false));
        assert_eq!(pages.lookup(&1), Ok(Some(Page { title: "start", hits: 7 })));
        assert_eq!(pages.len(), Ok(1));
    })
    .await;
}

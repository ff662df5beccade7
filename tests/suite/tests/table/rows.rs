//! The rows of sets and bags.

use otp::prelude::*;
use otp::table::{Bag, DuplicateBag, Set};
use otp_suite::servers::inside;

fn sorted<T: Ord>(mut rows: Vec<T>) -> Vec<T> {
    rows.sort();
    rows
}

#[otp::test]
async fn a_set_has_one_row_for_each_key(system: System) {
    // ETS-7
    inside(&system, async |ctx| {
        let set: Set<&str, u32> = Set::new(&ctx);
        set.insert_all([("a", 1), ("b", 2), ("a", 3)]).unwrap();
        assert_eq!(sorted(set.to_vec().unwrap()), [("a", 3), ("b", 2)]);
        assert_eq!((set.insert_new("a", 4).unwrap(), set.insert_new("c", 9).unwrap()), (false, true));
        assert!(!set.insert_new_all([("d", 1), ("a", 1)]).unwrap());
        assert_eq!(set.member("d"), Ok(false));
        assert!(set.insert_new_all([("d", 1), ("e", 2), ("d", 3)]).unwrap());
        assert_eq!(sorted(set.to_vec().unwrap()), [("a", 3), ("b", 2), ("c", 9), ("d", 3), ("e", 2)]);
        assert_eq!((set.take("a"), set.take("a")), (Ok(Some(3)), Ok(None)));
        assert_eq!((set.delete("b"), set.delete("b"), set.lookup("b")), (Ok(true), Ok(false), Ok(None)));
        assert_eq!((set.delete_object("c", &8), set.delete_object("c", &9)), (Ok(false), Ok(true)));
        assert_eq!((set.len(), set.is_empty()), (Ok(2), Ok(false)));
        set.clear().unwrap();
        assert_eq!((set.to_vec(), set.len()), (Ok(Vec::new()), Ok(0)));
    })
    .await;
}

#[otp::test]
async fn a_bag_has_equal_rows_once_and_a_duplicate_bag_as_often_as_inserted(system: System) {
    // ETS-7
    inside(&system, async |ctx| {
        let (bag, twice): (Bag<&str, u32>, DuplicateBag<&str, u32>) = (Bag::new(&ctx), DuplicateBag::new(&ctx));
        for value in [1, 2, 1] {
            bag.insert("a", value).unwrap();
            twice.insert("a", value).unwrap();
        }
        assert_eq!((bag.lookup("a"), twice.lookup("a")), (Ok(vec![1, 2]), Ok(vec![1, 2, 1])));
        assert_eq!((bag.insert_new("a", 3).unwrap(), twice.insert_new("a", 3).unwrap()), (false, false));
        assert_eq!((bag.delete_object("a", &1), twice.delete_object("a", &1)), (Ok(1), Ok(2)));
        assert_eq!((bag.lookup("a"), twice.lookup("a")), (Ok(vec![2]), Ok(vec![2])));
        let rows = [("c", 1), ("c", 1), ("c", 2)];
        bag.insert_all(rows).unwrap();
        twice.insert_all(rows).unwrap();
        assert_eq!((bag.len(), twice.len()), (Ok(3), Ok(4)));
        assert!(!bag.insert_new_all([("d", 1), ("c", 1)]).unwrap() && !bag.member("d").unwrap());
        assert!(bag.insert_new_all([("d", 1), ("e", 1), ("d", 1)]).unwrap());
        assert!(twice.insert_new_all([("d", 1), ("e", 1), ("d", 1)]).unwrap());
        assert_eq!((bag.lookup("d"), twice.lookup("d")), (Ok(vec![1]), Ok(vec![1, 1])));
        assert_eq!((bag.take("c"), twice.take("c")), (Ok(vec![1, 2]), Ok(vec![1, 1, 2])));
        assert_eq!((bag.delete("a"), twice.delete("none")), (Ok(1), Ok(0)));
        assert_eq!((bag.len(), twice.len()), (Ok(2), Ok(4)));
        assert_eq!(twice.select_delete(|_, value| *value == 1), Ok(3));
        assert_eq!((twice.len(), twice.to_vec()), (Ok(1), Ok(vec![("a", 2)])));
        bag.clear().unwrap();
        assert_eq!((bag.len(), bag.to_vec()), (Ok(0), Ok(Vec::new())));
    })
    .await;
}

#[otp::test]
async fn a_key_of_a_bag_may_have_many_rows(system: System) {
    inside(&system, async |ctx| {
        let log: DuplicateBag<&str, u32> = DuplicateBag::new(&ctx);
        for line in 0..20_000 {
            log.insert("log", line).unwrap();
        }
        assert_eq!((log.len(), log.lookup("log").unwrap().len()), (Ok(20_000), 20_000));
        assert_eq!(log.select_delete(|_, line| line % 2 == 0), Ok(10_000));
        assert_eq!(log.lookup("log").unwrap()[..3], [1, 3, 5]);
    })
    .await;
}

#[otp::test]
async fn rows_are_selected_counted_and_deleted_by_closures(system: System) {
    inside(&system, async |ctx| {
        let set: Set<u32, u32> = Set::new(&ctx);
        set.insert_all((0..1000).map(|n| (n, n * n))).unwrap();
        assert_eq!(set.select_count(|key, _| key % 10 == 0), Ok(100));
        assert_eq!(sorted(set.select(|key, square| (*square < 10).then_some(*key)).unwrap()), [0, 1, 2, 3]);
        assert_eq!(set.fold(0, |sum, key, _| sum + key), Ok(499_500));
        assert_eq!(set.select_delete(|key, _| *key >= 10), Ok(990));
        assert_eq!(sorted(set.to_vec().unwrap()).last(), Some(&(9, 81)));
        // A row may be looked at without a copy of it.
        assert_eq!((set.read(&3, |square| square + 1), set.read(&30, |_| ())), (Ok(Some(10)), Ok(None)));
    })
    .await;
}

#[otp::test]
async fn a_row_may_be_changed_where_it_is_if_its_value_allows(system: System) {
    use std::sync::atomic::{AtomicU32, Ordering};
    inside(&system, async |ctx| {
        // The values need not be copied.
        let hits: Set<&str, AtomicU32> = Set::new(&ctx);
        hits.insert("home", AtomicU32::new(1)).unwrap();
        let reader = hits.reader();
        assert_eq!(reader.read("home", |hits| hits.fetch_add(1, Ordering::Relaxed)), Ok(Some(1)));
        assert_eq!(hits.read("home", |hits| hits.load(Ordering::Relaxed)), Ok(Some(2)));
    })
    .await;
}

#[otp::test]
async fn an_error_gives_back_what_was_to_be_inserted(system: System) {
    inside(&system, async |ctx| {
        let set: Set<u8, String> = Set::new(&ctx);
        let bag: Bag<u8, String> = Bag::new(&ctx);
        set.delete_table().unwrap();
        bag.delete_table().unwrap();
        let error = set.insert(1, "one".to_owned()).unwrap_err();
        assert_eq!(error.to_string(), format!("cannot insert: {} is gone: it was deleted", set.id()));
        assert_eq!(error.into_rows(), (1, "one".to_owned()));
        let rows = vec![(1, "one".to_owned()), (2, "two".to_owned())];
        assert_eq!(set.insert_all(rows.clone()).unwrap_err().into_rows(), rows);
        assert_eq!(set.insert_new_all(rows.clone()).unwrap_err().into_rows(), rows);
        assert_eq!(bag.insert_new_all(rows.clone()).unwrap_err().into_rows(), rows);
        assert!(set.update_element(1, |_| ()).is_err() && bag.take(&1).is_err() && set.keys().is_err());
    })
    .await;
}

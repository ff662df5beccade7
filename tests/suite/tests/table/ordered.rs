//! Ordered sets.

use otp::prelude::*;
use otp::table::OrderedSet;
use otp_suite::servers::inside;

#[otp::test]
async fn an_ordered_set_has_its_keys_in_order(system: System) {
    // ETS-8
    inside(&system, async |ctx| {
        let set: OrderedSet<u32, &str> = OrderedSet::new(&ctx);
        assert_eq!((set.first(), set.last()), (Ok(None), Ok(None)));
        set.insert_all([(5, "e"), (1, "a"), (10, "j"), (3, "c")]).unwrap();
        assert_eq!(set.to_vec().unwrap(), [(1, "a"), (3, "c"), (5, "e"), (10, "j")]);
        assert_eq!((set.first(), set.last()), (Ok(Some(1)), Ok(Some(10))));
        // From a key that is there, and from one that is not.
        assert_eq!((set.next(&3), set.prev(&3)), (Ok(Some(5)), Ok(Some(1))));
        assert_eq!((set.next(&4), set.prev(&4)), (Ok(Some(5)), Ok(Some(3))));
        assert_eq!((set.next(&10), set.prev(&1), set.next(&0)), (Ok(None), Ok(None), Ok(Some(1))));
        set.delete(&3).unwrap();
        assert_eq!((set.next(&3), set.prev(&3)), (Ok(Some(5)), Ok(Some(1))));
        assert!(!set.insert_new(1, "b").unwrap() && set.insert_new(2, "b").unwrap());
        assert!(
            !set.insert_new_all([(7, "g"), (1, "x")]).unwrap() && set.insert_new_all([(7, "g"), (8, "h")]).unwrap()
        );
        assert_eq!((set.take(&7), set.delete_object(&8, &"x"), set.len()), (Ok(Some("g")), Ok(false), Ok(5)));
        assert_eq!(set.select_delete(|key, _| key % 2 == 0), Ok(3));
        assert_eq!(set.to_vec().unwrap(), [(1, "a"), (5, "e")]);
        set.clear().unwrap();
        assert_eq!(set.len(), Ok(0));
    })
    .await;
}

#[otp::test]
async fn keys_are_looked_up_by_what_they_borrow_as(system: System) {
    inside(&system, async |ctx| {
        let set: OrderedSet<String, u32> = OrderedSet::new(&ctx);
        set.insert("b".to_owned(), 2).unwrap();
        set.insert("d".to_owned(), 4).unwrap();
        assert_eq!((set.lookup("b"), set.member("c")), (Ok(Some(2)), Ok(false)));
        assert_eq!((set.next("c"), set.prev("c")), (Ok(Some("d".to_owned())), Ok(Some("b".to_owned()))));
        assert_eq!((set.take("d"), set.delete("b")), (Ok(Some(4)), Ok(true)));
    })
    .await;
}

#[otp::test]
async fn what_is_read_in_order_is_the_set_of_one_moment(system: System) {
    inside(&system, async |ctx| {
        let set: OrderedSet<u32, u32> = OrderedSet::new(&ctx);
        set.insert_all((0..100).map(|n| (n, n))).unwrap();
        let seen = set.select(|key, value| {
            set.clear().unwrap();
            (*key == *value).then_some(*key)
        });
        assert_eq!((seen.unwrap().len(), set.len()), (100, Ok(0)));
    })
    .await;
}

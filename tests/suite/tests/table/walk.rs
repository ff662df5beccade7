//! Walks over a table, while others write and delete.

use std::collections::BTreeSet;

use otp::prelude::*;
use otp::table::{Bag, OrderedSet, Set};
use otp_suite::servers::inside;

use super::actor::Actor;

#[otp::test]
async fn a_walk_that_deletes_what_it_visits_sees_every_key_once(system: System) {
    // ETS-10
    inside(&system, async |ctx| {
        let set: Set<u32, ()> = Set::new(&ctx);
        let ordered: OrderedSet<u32, ()> = OrderedSet::new(&ctx);
        let bag: Bag<u32, u32> = Bag::new(&ctx);
        for key in 0..1000 {
            set.insert(key, ()).unwrap();
            ordered.insert(key, ()).unwrap();
            bag.insert_all([(key, 1), (key, 2)]).unwrap();
        }
        let mut seen = Vec::new();
        for key in set.keys().unwrap() {
            let key = key.unwrap();
            assert_eq!(set.delete(&key), Ok(true));
            // Such a key does not come.
            set.insert(key + 10_000, ()).unwrap();
            otp::process::yield_now().await;
            seen.push(key);
        }
        seen.sort_unstable();
        assert!(seen.into_iter().eq(0..1000));
        let mut next = 0;
        for key in ordered.keys().unwrap() {
            assert_eq!((key.as_ref().ok(), ordered.delete(&next)), (Some(&next), Ok(true)));
            next += 1;
        }
        let keys: BTreeSet<u32> =
            bag.keys().unwrap().map(|key| key.unwrap()).inspect(|key| drop(bag.delete(key))).collect();
        assert_eq!((next, keys.len(), bag.len(), ordered.len()), (1000, 1000, Ok(0), Ok(0)));
    })
    .await;
}

#[otp::test]
async fn a_key_that_was_deleted_before_the_walk_comes_to_it_does_not_come(system: System) {
    inside(&system, async |ctx| {
        let set: OrderedSet<u32, ()> = OrderedSet::new(&ctx);
        set.insert_all((0..10).map(|key| (key, ()))).unwrap();
        let mut keys = set.keys().unwrap();
        assert_eq!(keys.next(), Some(Ok(0)));
        set.select_delete(|key, ()| (1..9).contains(key)).unwrap();
        assert_eq!((keys.next(), keys.next(), keys.next()), (Some(Ok(9)), None, None));
    })
    .await;
}

#[otp::test]
async fn a_walk_over_a_table_that_ends_says_so_once(system: System) {
    let (owner, reader) = Actor::with_table(&system).await;
    owner
        .act(|desk| {
            for key in ["b", "c", "d"] {
                desk.table.as_ref().unwrap().insert(key, 1).unwrap();
            }
        })
        .await;
    let mut keys = reader.keys().unwrap();
    assert!(matches!(keys.next(), Some(Ok(_))));
    owner.kill().await;
    assert!(matches!(keys.next(), Some(Err(gone)) if gone.to_string().contains("has ended")));
    assert_eq!((keys.next(), keys.next()), (None, None));
}

#[otp::test]
async fn who_is_reading_when_the_owner_ends_finishes(system: System) {
    let (owner, reader) = Actor::with_table(&system).await;
    let process = owner.act(|desk| otp::Process::clone(&desk.ctx)).await;
    drop(process);
    let other = reader.clone();
    let summed = reader.fold(0, |sum, _, value| {
        // As another thread would, at any time.
        owner.0.exit(ExitReason::Kill);
        let ended = other.lookup("a");
        assert!(ended == Ok(Some(1)) || ended.is_err());
        sum + value
    });
    assert_eq!(summed, Ok(1));
    owner.0.exited().await;
    assert!(reader.fold(0, |sum, _, _| sum).is_err());
}

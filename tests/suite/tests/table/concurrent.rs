//! Tables that several threads use at once. The simulator runs what tasks do between two awaits in one piece.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use otp::prelude::*;
use otp::table::{DuplicateBag, OrderedSet, Public, Set, Step, Write};
use otp_suite::servers::inside;

const THREADS: u32 = 4;

/// Runs `act` on four threads at once.
fn at_once(act: impl Fn(u32) + Sync) {
    let begin = Barrier::new(THREADS as usize);
    thread::scope(|scope| {
        for nth in 0..THREADS {
            let (act, begin) = (&act, &begin);
            scope.spawn(move || {
                begin.wait();
                act(nth);
            });
        }
    });
}

#[otp::test]
async fn a_counter_loses_nothing_of_four_threads(system: System) {
    // ETS-9
    inside(&system, async |ctx| {
        let set: Set<u32, u64, Public> = Set::new(&ctx);
        let ordered: OrderedSet<u32, u64, Public> = OrderedSet::new(&ctx);
        let (writer, other) = (set.writer(), ordered.writer());
        at_once(|_| {
            for n in 0..1000 {
                writer.update_counter(n % 3, Step::by(1).or_insert(0)).unwrap();
                other.update_counter(n % 3, Step::by(1).or_insert(0)).unwrap();
                writer.update_element(n % 3, |count| *count += 1).unwrap();
            }
        });
        assert_eq!(set.fold(0, |sum, _, count| sum + count), Ok(8000));
        assert_eq!(ordered.fold(0, |sum, _, count| sum + count), Ok(4000));
    })
    .await;
}

#[otp::test]
async fn a_table_is_walked_while_four_threads_delete_and_insert(system: System) {
    // ETS-10
    inside(&system, async |ctx| {
        for _ in 0..4 {
            let set: Set<u32, u32, Public> = Set::new(&ctx);
            // Those from 1000 on stay.
            set.insert_all((0..2000).map(|key| (key, key))).unwrap();
            let stop = AtomicBool::new(false);
            thread::scope(|scope| {
                for nth in 0..THREADS {
                    let (writer, stop): (Set<u32, u32, Write>, _) = (set.writer(), &stop);
                    scope.spawn(move || {
                        for key in (0..1000).filter(|key| key % THREADS == nth) {
                            writer.delete(&key).unwrap();
                        }
                        // Others come and go, so that the table grows and shrinks.
                        let mut key = 10_000 * (nth + 1);
                        while !stop.load(Ordering::Relaxed) {
                            writer.insert(key, key).unwrap();
                            writer.delete(&(key - 7)).unwrap();
                            key += 1;
                        }
                    });
                }
                for _ in 0..5 {
                    let mut seen = BTreeSet::new();
                    for key in set.keys().unwrap() {
                        let key = key.unwrap();
                        assert!(seen.insert(key), "{key} came twice");
                    }
                    assert!((1000..2000).all(|key| seen.contains(&key)), "a key that stays is missing");
                    let mut twice = BTreeSet::new();
                    let each = set.select(|key, value| (key == value).then_some(*key)).unwrap();
                    assert!(each.iter().all(|key| twice.insert(*key)), "a row came twice");
                    assert!((1000..2000).all(|key| twice.contains(&key)));
                }
                stop.store(true, Ordering::Relaxed);
            });
        }
    })
    .await;
}

#[otp::test]
async fn of_several_new_rows_others_see_all_or_none(system: System) {
    // ETS-7
    inside(&system, async |ctx| {
        let set: Set<u32, u32, Public> = Set::new(&ctx);
        let writer = set.writer();
        let wins = AtomicU32::new(0);
        at_once(|nth| {
            for round in 0..200 {
                // Whoever sees the row that any of them places first sees the others, until the winner takes them.
                let seen: Vec<_> = (0..10).map(|key| writer.lookup(&key).unwrap()).collect();
                let winners: BTreeSet<_> = seen.into_iter().flatten().map(|number| number / 1000).collect();
                assert!(winners.iter().all(|winner| *winner < THREADS));
                if writer.insert_new_all((0..10).map(|key| (key, nth * 1000 + round))).unwrap() {
                    wins.fetch_add(1, Ordering::Relaxed);
                    assert!((0..10).all(|key| writer.lookup(&key) == Ok(Some(nth * 1000 + round))), "round {round}");
                    (0..10).for_each(|key| assert_eq!(writer.take(&key), Ok(Some(nth * 1000 + round))));
                }
            }
        });
        assert!(wins.into_inner() > 0);
        assert_eq!(set.len(), Ok(0));
    })
    .await;
}

#[otp::test]
async fn one_of_four_threads_inserts_a_new_row(system: System) {
    inside(&system, async |ctx| {
        let set: Set<u32, u32, Public> = Set::new(&ctx);
        let ordered: OrderedSet<u32, u32, Public> = OrderedSet::new(&ctx);
        let bag: DuplicateBag<u32, u32, Public> = DuplicateBag::new(&ctx);
        let (writer, other, third) = (set.writer(), ordered.writer(), bag.writer());
        let wins = std::sync::Mutex::new([0; 3]);
        at_once(|nth| {
            for key in 0..500 {
                let won = [
                    writer.insert_new(key, nth).unwrap(),
                    other.insert_new(key, nth).unwrap(),
                    third.insert_new(key, nth).unwrap(),
                ];
                let mut wins = wins.lock().unwrap();
                (0..3).for_each(|kind| wins[kind] += u32::from(won[kind]));
            }
        });
        assert_eq!(*wins.lock().unwrap(), [500; 3]);
        assert_eq!((set.len(), ordered.len(), bag.len()), (Ok(500), Ok(500), Ok(500)));
    })
    .await;
}

#[otp::test]
async fn a_row_is_taken_by_one_of_four_threads(system: System) {
    inside(&system, async |ctx| {
        let set: Set<u32, u32, Public> = Set::new(&ctx);
        let bag: DuplicateBag<u32, u32, Public> = DuplicateBag::new(&ctx);
        set.insert_all((0..1000).map(|key| (key, 1))).unwrap();
        bag.insert_all((0..2000).map(|key| (key / 2, 1))).unwrap();
        let (writer, other) = (set.writer(), bag.writer());
        let taken = AtomicU32::new(0);
        at_once(|_| {
            for key in 0..1000 {
                let took = writer.take(&key).unwrap().unwrap_or(0) + other.take(&key).unwrap().iter().sum::<u32>();
                taken.fetch_add(took, Ordering::Relaxed);
            }
        });
        assert_eq!(taken.into_inner(), 3000);
        assert_eq!((set.len(), bag.len()), (Ok(0), Ok(0)));
    })
    .await;
}

/// Two rows that are only ever inserted together: who sees one sees the other.
#[otp::test]
async fn rows_that_are_inserted_together_are_seen_together(system: System) {
    // ETS-7
    inside(&system, async |ctx| {
        let set: Set<u32, u32, Public> = Set::new(&ctx);
        let writer = set.writer();
        const PAIRS: u32 = 2000;
        at_once(|nth| {
            for pair in 0..PAIRS {
                let (one, other) = (2 * pair, 2 * pair + 1);
                if nth < 2 {
                    writer.insert_new_all([(one, nth), (other, nth)]).unwrap();
                } else {
                    // In both orders.
                    let (first, then) = if nth == 2 { (one, other) } else { (other, one) };
                    if let Some(winner) = writer.lookup(&first).unwrap() {
                        assert_eq!(writer.lookup(&then), Ok(Some(winner)), "pair {pair}");
                    }
                }
            }
        });
        assert_eq!(set.len(), Ok(2 * PAIRS as usize));
    })
    .await;
}

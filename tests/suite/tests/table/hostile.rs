//! Rows whose code does what it should not.

use std::cell::Cell;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use otp::prelude::*;
use otp::table::{Bag, OrderedSet, Public, Set};
use otp_suite::servers::inside;

use super::actor::Actor;

/// What a key or a value calls in all that it does.
type Act = Arc<dyn Fn(&str) + Send + Sync>;

/// A key, or a value, that calls `act`.
struct Wild {
    n: u32,
    act: Act,
}

impl Wild {
    fn tame(n: u32) -> Wild {
        Wild { n, act: Arc::new(|_| ()) }
    }

    fn acting(n: u32, act: &Act) -> Wild {
        Wild { n, act: act.clone() }
    }
}

impl Hash for Wild {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.act)("hash");
        self.n.hash(state);
    }
}

impl PartialEq for Wild {
    fn eq(&self, other: &Wild) -> bool {
        (self.act)("eq");
        (other.act)("eq");
        self.n == other.n
    }
}

impl Eq for Wild {}

impl PartialOrd for Wild {
    fn partial_cmp(&self, other: &Wild) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Wild {
    fn cmp(&self, other: &Wild) -> Ordering {
        (self.act)("cmp");
        (other.act)("cmp");
        self.n.cmp(&other.n)
    }
}

impl Clone for Wild {
    fn clone(&self) -> Wild {
        (self.act)("clone");
        Wild { n: self.n, act: self.act.clone() }
    }
}

impl Drop for Wild {
    fn drop(&mut self) {
        (self.act)("drop");
    }
}

impl std::fmt::Debug for Wild {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.n)
    }
}

#[otp::test]
async fn rows_may_use_their_table_in_all_that_they_do(system: System) {
    thread_local! {
        static DEEP: Cell<bool> = const { Cell::new(false) };
    }
    inside(&system, async |ctx| {
        let set: Set<Wild, Wild, Public> = Set::new(&ctx);
        let ordered: OrderedSet<Wild, Wild, Public> = OrderedSet::new(&ctx);
        let bag: Bag<Wild, Wild, Public> = Bag::new(&ctx);
        let (s, o, b) = (set.writer(), ordered.writer(), bag.writer());
        let done = Arc::new(Mutex::new(Vec::new()));
        let noted = done.clone();
        let act: Act = Arc::new(move |what| {
            if DEEP.replace(true) {
                return;
            }
            let (one, other) = (Wild::tame(1), || (Wild::tame(9), Wild::tame(9)));
            let _ = (s.lookup(&one), o.lookup(&one), b.lookup(&one));
            let _ = (s.insert(other().0, other().1), b.insert(other().0, other().1));
            let _ = (s.delete(&other().0), b.delete(&other().0));
            // With every comparison, no write of the ordered set would come to an end: each begins anew after another one.
            if what != "cmp" || noted.lock().unwrap().iter().all(|did| did != "cmp") {
                let _ = (o.insert(other().0, other().1), o.delete(&other().0));
            }
            let _ = (s.len(), o.first(), b.len(), s.info(), s.owner());
            noted.lock().unwrap().push(what.to_owned());
            DEEP.set(false);
        });
        for n in [1, 1, 2, 3] {
            let row = || (Wild::acting(n, &act), Wild::acting(n, &act));
            let ((sk, sv), (ok, ov), (bk, bv)) = (row(), row(), row());
            set.insert(sk, sv).unwrap();
            ordered.insert(ok, ov).unwrap();
            bag.insert(bk, bv).unwrap();
        }
        assert_eq!((set.len(), ordered.len(), bag.len()), (Ok(3), Ok(3), Ok(3)));
        assert_eq!(set.to_vec().unwrap().len(), 3);
        assert_eq!(ordered.next(&Wild::tame(1)).unwrap().unwrap().n, 2);
        assert!(set.take(&Wild::tame(1)).unwrap().is_some() && bag.take(&Wild::tame(1)).unwrap().len() == 1);
        assert!(ordered.delete(&Wild::tame(1)).unwrap());
        set.update_element(Wild::tame(2), |value| *value = Wild::acting(7, &act)).unwrap();
        drop((set.delete_table(), ordered.delete_table(), bag.delete_table()));
        let done = done.lock().unwrap();
        for what in ["hash", "eq", "cmp", "clone", "drop"] {
            assert!(done.iter().any(|did| did == what), "{what}");
        }
    })
    .await;
}

#[otp::test]
async fn a_panic_of_a_row_leaves_the_table_as_it_was(system: System) {
    inside(&system, async |ctx| {
        let set: Set<Wild, Wild> = Set::new(&ctx);
        let ordered: OrderedSet<Wild, Wild> = OrderedSet::new(&ctx);
        let bag: Bag<Wild, Wild> = Bag::new(&ctx);
        for n in [1, 2, 3] {
            set.insert(Wild::tame(n), Wild::tame(n)).unwrap();
            ordered.insert(Wild::tame(n), Wild::tame(n)).unwrap();
            bag.insert(Wild::tame(n), Wild::tame(n)).unwrap();
        }
        for bad in ["hash", "eq", "cmp"] {
            let act: Act = Arc::new(move |what| assert_ne!(what, bad));
            let wild = || (Wild::acting(2, &act), Wild::acting(20, &act));
            let panics = |act: &dyn Fn()| catch_unwind(AssertUnwindSafe(act)).is_err();
            if bad != "cmp" {
                assert!(panics(&|| set.insert(wild().0, wild().1).unwrap()), "{bad}");
                assert!(panics(&|| drop(set.lookup(&wild().0))), "{bad}");
                assert!(panics(&|| drop(set.take(&wild().0))), "{bad}");
                assert!(panics(&|| drop(set.insert_new(wild().0, wild().1))), "{bad}");
                assert!(panics(&|| drop(set.insert_new_all([wild(), (Wild::tame(9), Wild::tame(9))]))), "{bad}");
                assert!(panics(&|| bag.insert(wild().0, wild().1).unwrap()), "{bad}");
                assert!(panics(&|| drop(bag.delete_object(wild().0, &wild().1))), "{bad}");
            } else {
                assert!(panics(&|| ordered.insert(wild().0, wild().1).unwrap()));
                assert!(panics(&|| ordered.insert_all([(Wild::tame(9), Wild::tame(9)), wild()]).unwrap()));
                assert!(panics(&|| drop(ordered.next(&wild().0))));
                assert!(panics(&|| drop(ordered.delete(&wild().0))));
            }
        }
        let panics = |act: &dyn Fn()| catch_unwind(AssertUnwindSafe(act)).is_err();
        assert!(panics(&|| drop(set.update_element(Wild::tame(2), |_| panic!("not now")))));
        assert!(panics(&|| drop(ordered.update_element(Wild::tame(2), |_| panic!("not now")))));
        assert!(panics(&|| drop(set.read(&Wild::tame(2), |_| panic!("not now")))));
        assert!(panics(&|| drop(set.fold((), |(), _, _| panic!("not now")))));
        assert!(panics(&|| drop(set.select_delete(|_, _| panic!("not now")))));
        let values = |rows: Vec<(Wild, Wild)>| {
            let mut values: Vec<_> = rows.iter().map(|(key, value)| (key.n, value.n)).collect();
            values.sort_unstable();
            values
        };
        let expected = [(1, 1), (2, 2), (3, 3)];
        assert_eq!(values(set.to_vec().unwrap()), expected);
        assert_eq!(values(ordered.to_vec().unwrap()), expected);
        assert_eq!(values(bag.to_vec().unwrap()), expected);
        assert_eq!((set.len(), bag.len()), (Ok(3), Ok(3)));
    })
    .await;
}

/// The panics of drops are nobody's, neither while a table is in use nor when it ends.
#[otp::test]
async fn rows_that_panic_when_they_are_dropped_harm_nobody(system: System) {
    let act: Act = Arc::new(|what| assert_ne!(what, "drop"));
    let (rows, row) = (300, move |n| (Wild::acting(n, &act), Wild::acting(n, &act)));
    let readers = inside(&system, async move |ctx: ProcessContext<()>| {
        let set: Set<Wild, Wild> = Set::new(&ctx);
        let ordered: OrderedSet<Wild, Wild> = OrderedSet::new(&ctx);
        let bag: Bag<Wild, Wild> = Bag::new(&ctx);
        for n in 0..rows {
            let ((sk, sv), (ok, ov), (bk, bv)) = (row(n), row(n), row(n));
            set.insert(sk, sv).unwrap();
            ordered.insert(ok, ov).unwrap();
            bag.insert(bk, bv).unwrap();
        }
        for n in 0..rows / 2 {
            set.delete(&Wild::tame(n)).unwrap();
            ordered.delete(&Wild::tame(n)).unwrap();
            bag.delete(&Wild::tame(n)).unwrap();
        }
        assert_eq!((set.len(), ordered.len(), bag.len()), (Ok(150), Ok(150), Ok(150)));
        (set.reader(), ordered.reader(), bag.reader())
    })
    .await;
    assert!(readers.0.len().is_err() && readers.1.len().is_err() && readers.2.len().is_err());
}

#[otp::test]
async fn a_table_whose_message_cannot_be_made_ends(system: System) {
    #[derive(Debug)]
    struct NoCopy;

    impl Clone for NoCopy {
        fn clone(&self) -> NoCopy {
            panic!("no copy of the data")
        }
    }

    system.log_crashes(false);
    let heir = system.spawn(async |_: ProcessContext<()>| std::future::pending::<()>().await);
    let actor = Actor::start(&system);
    let to = heir.clone();
    let (first, second) = actor
        .act(move |desk| {
            let first: Set<u8, u8> = Set::new(&desk.ctx);
            let second: Set<u8, u8> = Set::new(&desk.ctx);
            first.set_heir(otp::Address::from(&to).map_message(|_| panic!("no message")), 1).unwrap();
            second.set_heir(otp::Address::from(&to).map_message(|_| ()), NoCopy).unwrap();
            (first.reader(), second.reader())
        })
        .await;
    actor.kill().await;
    assert!(first.len().is_err() && second.len().is_err());
    assert_eq!(otp::table::count(&system), 0);
    heir.exit(ExitReason::Kill);
    heir.exited().await;
}

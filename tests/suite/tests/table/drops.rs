//! When rows are dropped, and by whom.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use otp::prelude::*;
use otp::table::{Bag, OrderedSet, Private, Set};
use otp_suite::servers::inside;

/// Counts what is alive.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(alive: &Arc<AtomicUsize>) -> Counted {
        alive.fetch_add(1, Ordering::SeqCst);
        Counted(alive.clone())
    }
}

impl Clone for Counted {
    fn clone(&self) -> Counted {
        Counted::new(&self.0)
    }
}

impl PartialEq for Counted {
    fn eq(&self, _: &Counted) -> bool {
        false
    }
}

impl Eq for Counted {}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn until_none(alive: &Arc<AtomicUsize>) {
    while alive.load(Ordering::SeqCst) > 0 {
        otp::process::yield_now().await;
    }
}

#[otp::test]
async fn all_rows_are_dropped_when_their_table_ends_also_with_handles(system: System) {
    let alive = Arc::new(AtomicUsize::new(0));
    let counted = alive.clone();
    let handles = inside(&system, async move |ctx: ProcessContext<()>| {
        let set: Set<u32, Counted> = Set::new(&ctx);
        let ordered: OrderedSet<u32, Counted> = OrderedSet::new(&ctx);
        let bag: Bag<u32, Counted> = Bag::new(&ctx);
        for key in 0..100 {
            for _ in 0..2 {
                set.insert(key, Counted::new(&counted)).unwrap();
                ordered.insert(key, Counted::new(&counted)).unwrap();
                bag.insert(key, Counted::new(&counted)).unwrap();
            }
        }
        set.delete(&1).unwrap();
        bag.delete(&1).unwrap();
        assert!(set.insert_new_all((200..210).map(|key| (key, Counted::new(&counted)))).unwrap());
        assert!(!set.insert_new_all((205..220).map(|key| (key, Counted::new(&counted)))).unwrap());
        (set.reader(), ordered.reader(), bag.reader())
    })
    .await;
    until_none(&alive).await;
    drop(handles);
}

#[otp::test]
async fn a_row_of_an_ordered_set_is_dropped_when_it_is_replaced_or_deleted(system: System) {
    inside(&system, async |ctx| {
        let alive = Arc::new(AtomicUsize::new(0));
        let set: OrderedSet<u32, Counted> = OrderedSet::new(&ctx);
        set.insert(1, Counted::new(&alive)).unwrap();
        set.insert(1, Counted::new(&alive)).unwrap();
        assert_eq!(alive.load(Ordering::SeqCst), 1);
        set.delete(&1).unwrap();
        assert_eq!(alive.load(Ordering::SeqCst), 0);
    })
    .await;
}

#[otp::test]
async fn rows_of_a_set_that_were_replaced_do_not_pile_up(system: System) {
    inside(&system, async |ctx| {
        let alive = Arc::new(AtomicUsize::new(0));
        let set: Set<u32, Counted, Private> = Set::new(&ctx);
        for _ in 0..10_000 {
            set.insert(1, Counted::new(&alive)).unwrap();
        }
        let kept = alive.load(Ordering::SeqCst);
        assert!(kept <= 200, "{kept} rows are kept");
    })
    .await;
}

#[otp::test]
async fn a_table_with_many_rows_is_dropped_apart(system: System) {
    let alive = Arc::new(AtomicUsize::new(0));
    let rows = if cfg!(debug_assertions) { 20_000 } else { 2_000_000 };
    let counted = alive.clone();
    let (owner, reader) = {
        let (tell, told) = futures::channel::oneshot::channel();
        let owner = system.spawn(async move |ctx: ProcessContext<()>| {
            let set: Set<u32, Counted> = Set::new(&ctx);
            (0..rows).for_each(|key| set.insert(key, Counted::new(&counted)).unwrap());
            tell.send(set.reader()).unwrap();
            std::future::pending::<()>().await;
        });
        (owner, told.await.unwrap())
    };
    assert_eq!(reader.len(), Ok(rows as usize));
    owner.exit(ExitReason::Kill);
    owner.exited().await;
    assert!(reader.len().is_err());
    until_none(&alive).await;
}

//! Groups whose keys, messages and members do what they should not.

use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use futures::StreamExt;
use futures::channel::mpsc;
use otp::prelude::*;
use otp::registry::{GroupEvent, Groups};
use otp_suite::servers::inside;

type Scope = Groups<Key, u32>;

/// A key whose hash, comparison, copy and drop call `act`.
struct Key {
    name: &'static str,
    act: Arc<dyn Fn(&str) + Send + Sync>,
}

impl Key {
    fn plain(name: &'static str) -> Key {
        Key { name, act: Arc::new(|_| ()) }
    }

    fn acting(name: &'static str, act: impl Fn(&str) + Send + Sync + 'static) -> Key {
        Key { name, act: Arc::new(act) }
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.act)("hash");
        self.name.hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Key) -> bool {
        (self.act)("eq");
        (other.act)("eq");
        self.name == other.name
    }
}

impl Eq for Key {}

impl Clone for Key {
    fn clone(&self) -> Key {
        (self.act)("clone");
        Key { name: self.name, act: self.act.clone() }
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        (self.act)("drop");
    }
}

fn idle(system: &System) -> ProcessRef<u32> {
    system.spawn(async |_: ProcessContext<u32>| std::future::pending::<()>().await)
}

async fn scope(system: &System) -> Scope {
    Groups::start(system).await.unwrap()
}

#[otp::test]
async fn a_key_may_use_its_scope_in_all_that_it_does(system: System) {
    thread_local! {
        static DEEP: Cell<bool> = const { Cell::new(false) };
    }
    let (groups, p) = (scope(&system).await, idle(&system));
    let done = Arc::new(Mutex::new(Vec::new()));
    let key = |name| {
        let (groups, p, done) = (groups.clone(), p.clone(), done.clone());
        Key::acting(name, move |what| {
            if DEEP.replace(true) {
                return;
            }
            groups.join(&Key::plain("other"), &p).unwrap();
            groups.members(&Key::plain(name));
            groups.broadcast(&Key::plain("other"), 1);
            groups.leave(&Key::plain("other"), p.pid()).unwrap();
            done.lock().unwrap().push(what.to_owned());
            DEEP.set(false);
        })
    };
    groups.join(&key("a"), &p).unwrap();
    groups.join(&key("a"), &p).unwrap();
    assert_eq!(groups.members(&key("a")).len(), 2);
    groups.leave_all(&key("a"), [p.pid(); 2]).unwrap();
    assert!(groups.groups().unwrap().is_empty());
    let done = done.lock().unwrap();
    for what in ["hash", "eq", "clone", "drop"] {
        assert!(done.iter().any(|did| did == what), "{what}");
    }
}

#[otp::test]
async fn a_key_that_panics_changes_nothing_and_breaks_nothing(system: System) {
    let (groups, p) = (scope(&system).await, idle(&system));
    groups.join(&Key::plain("a"), &p).unwrap();
    for bad in ["hash", "eq", "clone"] {
        let name = if bad == "clone" { "new" } else { "a" };
        let key = Key::acting(name, move |what| assert_ne!(what, bad));
        assert!(catch_unwind(AssertUnwindSafe(|| groups.join(&key, &p))).is_err(), "{bad}");
        if bad != "clone" {
            assert!(catch_unwind(AssertUnwindSafe(|| groups.leave(&key, p.pid()))).is_err(), "{bad}");
            assert!(catch_unwind(AssertUnwindSafe(|| groups.members(&key))).is_err(), "{bad}");
        }
    }
    assert_eq!(groups.members(&Key::plain("a")).len(), 1);
    assert_eq!(groups.groups().unwrap().len(), 1);
    groups.leave(&Key::plain("a"), p.pid()).unwrap();
}

#[otp::test]
async fn keys_that_panic_in_their_drop_do_not_keep_a_member_from_leaving_the_others(system: System) {
    let (groups, p) = (scope(&system).await, idle(&system));
    for name in ["a", "b", "c"] {
        let key = std::mem::ManuallyDrop::new(Key::acting(name, |what| assert_ne!(what, "drop", "a bad key")));
        groups.join(&*key, &p).unwrap();
    }
    groups.join(&Key::plain("d"), &p).unwrap();
    p.exit(ExitReason::Kill);
    assert_eq!(p.exited().await, ExitReason::Killed);
    assert!(groups.groups().unwrap().is_empty());

    // Nor the scope from ending.
    let q = idle(&system);
    for name in ["a", "b"] {
        let key = std::mem::ManuallyDrop::new(Key::acting(name, |what| assert_ne!(what, "drop", "a bad key")));
        groups.join(&*key, &q).unwrap();
    }
    groups.stop().await.unwrap();
    assert!(q.is_alive());
}

#[otp::test]
async fn a_key_that_equals_nothing_makes_groups_of_its_own(system: System) {
    #[derive(Clone)]
    struct Odd;
    impl Hash for Odd {
        fn hash<H: Hasher>(&self, _: &mut H) {}
    }
    impl PartialEq for Odd {
        fn eq(&self, _: &Odd) -> bool {
            false
        }
    }
    impl Eq for Odd {}
    let (groups, p): (Groups<Odd, u32>, _) = (Groups::start(&system).await.unwrap(), idle(&system));
    groups.join(&Odd, &p).unwrap();
    groups.join(&Odd, &p).unwrap();
    assert_eq!((groups.groups().unwrap().len(), groups.members(&Odd).len()), (2, 0));
    p.exit(ExitReason::Kill);
    p.exited().await;
    assert!(groups.groups().unwrap().is_empty());
}

#[otp::test]
async fn a_member_or_a_monitor_whose_conversion_panics_does_not_disturb_the_others(system: System) {
    let (groups, p): (Groups<u8, u32>, _) = (Groups::start(&system).await.unwrap(), idle(&system));
    let bad: Address<u32> = Address::from(idle(&system)).map_message(|_: u32| panic!("not this"));
    groups.join_all(&1, [bad, Address::from(&p)]).unwrap();
    let outcome = groups.broadcast(&1, 5);
    assert_eq!((outcome.sent, outcome.failed), (1, 1));

    let (hand, mut events) = mpsc::unbounded();
    let watcher = system.spawn(async move |mut ctx: ProcessContext<GroupEvent<u8, u32>>| {
        loop {
            if let Message::User(event) = ctx.receive().await {
                let _ = hand.unbounded_send(event);
            }
        }
    });
    let bad = Address::from(&watcher).map_message(|_: GroupEvent<u8, u32>| panic!("nor this"));
    groups.monitor(&1, bad).unwrap();
    let (good, _) = groups.monitor(&1, &watcher).unwrap();
    groups.join(&1, &p).unwrap();
    assert_eq!(events.next().await.unwrap().monitor, good);
    assert!(groups.pid().is_some());
}

#[otp::test]
async fn a_member_may_join_and_leave_while_it_is_sent_to(system: System) {
    let groups: Groups<u8, u32> = Groups::start(&system).await.unwrap();
    let all: Vec<_> = (0..20).map(|_| idle(&system)).collect();
    groups.join_all(&1, &all).unwrap();
    let mut seen = 0;
    groups.dispatch(&1, |member| {
        seen += 1;
        groups.leave(&1, member.pid()).unwrap();
        groups.join(&2, &all[0]).unwrap();
    });
    assert_eq!((seen, groups.members(&1).len(), groups.members(&2).len()), (20, 0, 20));
}

#[otp::test]
async fn joins_leaves_and_ends_at_the_same_time_leave_nothing_behind(system: System) {
    let groups: Groups<u8, u32> = Groups::start(&system).await.unwrap();
    let mut all = Vec::new();
    for n in 0..30_u8 {
        let groups = groups.clone();
        all.push(system.spawn(async move |ctx: ProcessContext<u32>| {
            for round in 0..10 {
                groups.join(&(round % 3), ctx.this()).unwrap();
                groups.join(&(round % 2), ctx.this()).unwrap();
                if (round + n) % 3 == 0 {
                    groups.leave(&(round % 3), ctx.pid()).unwrap();
                }
                ctx.yield_now().await;
            }
        }));
    }
    let others = groups.clone();
    let targets = all.clone();
    inside(&system, async move |ctx| {
        for target in targets {
            let _ = others.join(&7, &target);
            ctx.yield_now().await;
            target.exit(ExitReason::Kill);
            let _ = others.join(&7, &target);
        }
    })
    .await;
    for process in all {
        process.exited().await;
    }
    assert!(groups.groups().unwrap().is_empty());
}

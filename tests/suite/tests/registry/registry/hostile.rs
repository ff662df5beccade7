//! Keys and values that panic, or use the registry themselves; races with ends.

use std::hash::{Hash, Hasher};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use otp::prelude::*;
use otp::registry::{Duplicate, Registry};
use otp_suite::{Bomb, Drops, Guard, until};

use super::actor::{Actor, Mail, Names, open};

/// A key whose code does what it is told, in this order of its fields: when it is hashed, compared, dropped.
#[derive(Clone)]
struct Odd {
    name: u32,
    does: Arc<Does>,
}

type Act = Box<dyn Fn() + Send + Sync>;

#[derive(Default)]
struct Does {
    hash: Mutex<Option<Arc<Act>>>,
    eq: Mutex<Option<Arc<Act>>>,
    drop: Mutex<Option<Arc<Act>>>,
    debug: AtomicBool,
}

fn run(act: &Mutex<Option<Arc<Act>>>) {
    let act = act.lock().unwrap().clone();
    if let Some(act) = act {
        act();
    }
}

fn set(act: &Mutex<Option<Arc<Act>>>, new: Option<Act>) {
    *act.lock().unwrap() = new.map(Arc::new);
}

impl Hash for Odd {
    fn hash<H: Hasher>(&self, state: &mut H) {
        run(&self.does.hash);
        // All keys collide.
        state.write_u8(1);
    }
}

impl PartialEq for Odd {
    fn eq(&self, other: &Odd) -> bool {
        run(&self.does.eq);
        self.name == other.name
    }
}

impl Eq for Odd {}

impl Drop for Odd {
    fn drop(&mut self) {
        run(&self.does.drop);
    }
}

impl std::fmt::Debug for Odd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        assert!(!self.does.debug.load(Ordering::SeqCst), "no text");
        write!(f, "{}", self.name)
    }
}

type Odds<T> = Registry<Odd, Mail, u32, T>;

fn odd(does: &Arc<Does>, name: u32) -> Odd {
    Odd { name, does: does.clone() }
}

#[otp::test]
async fn keys_whose_hashes_are_all_the_same_are_told_apart(system: System) {
    let (does, one, other) = (Arc::default(), Actor::start(&system), Actor::start(&system));
    let odds: Odds<otp::registry::Unique> = Registry::new(&system);
    odds.start(&system).await.unwrap();
    for (actor, names) in [(&one, [0, 1, 2]), (&other, [3, 4, 5])] {
        for name in names {
            let (odds, key, same) = (odds.clone(), odd(&does, name), odd(&does, name));
            actor
                .act(move |ctx| {
                    odds.register(ctx, key, name).unwrap();
                    odds.register(ctx, same, name).unwrap_err();
                })
                .await;
        }
    }
    assert!((0..6).all(|name| *odds.lookup(&odd(&does, name)).unwrap().value() == name));
    let (own, key) = (odds.clone(), odd(&does, 1));
    assert_eq!(one.act(move |ctx| own.unregister(ctx, &key)).await, 1);
    assert!(odds.lookup(&odd(&does, 1)).is_none());
    other.kill().await;
    assert_eq!(odds.select(|entry| Some(entry.key().name)), [0, 2]);
    assert_eq!(odds.count(), 2);
}

#[otp::test]
async fn a_key_that_panics_harms_only_who_uses_it(system: System) {
    let (does, one): (Arc<Does>, _) = (Arc::default(), Actor::start(&system));
    let odds: Odds<Duplicate> = Registry::new(&system);
    odds.start(&system).await.unwrap();
    let (own, key) = (odds.clone(), odd(&does, 1));
    one.act(move |ctx| own.register(ctx, key, 1).unwrap()).await;
    let key = odd(&does, 1);
    for which in [&does.hash, &does.eq] {
        set(which, Some(Box::new(|| panic!("no key"))));
        for act in 0..4 {
            let (own, key) = (odds.clone(), key.clone());
            let panicked = one.act(move |ctx| {
                let act = || match act {
                    0 => drop(own.lookup(&key)),
                    1 => drop(own.unregister(ctx, &key)),
                    2 => drop(own.values(&key, ctx.pid())),
                    _ => drop(own.dispatch(&key, |_| ())),
                };
                catch_unwind(AssertUnwindSafe(act)).is_err()
            });
            assert!(panicked.await, "act {act}");
        }
        set(which, None);
        assert_eq!(odds.lookup(&key).len(), 1);
        assert_eq!(odds.count(), 1);
    }
    // Its text is only for errors, and theirs.
    does.debug.store(true, Ordering::SeqCst);
    one.kill().await;
    assert!(odds.lookup(&key).is_empty());
}

#[otp::test]
async fn a_key_may_use_the_registry_when_it_is_hashed_compared_and_dropped(system: System) {
    let (does, one): (Arc<Does>, _) = (Arc::default(), Actor::start(&system));
    let odds: Odds<otp::registry::Unique> = Registry::new(&system);
    odds.start(&system).await.unwrap();
    let process: Process = one.act(|ctx| Process::clone(ctx)).await;
    // A key that does nothing, under the same hash.
    let (quiet, count) = (Arc::<Does>::default(), Arc::new(AtomicBool::new(false)));
    // The key is compared with another one, of which it does not ask again.
    let busy = Arc::new(AtomicBool::new(false));
    for which in [&does.hash, &does.eq, &does.drop] {
        let (own, process, quiet) = (odds.clone(), process.clone(), quiet.clone());
        let (count, busy) = (count.clone(), busy.clone());
        set(
            which,
            Some(Box::new(move || {
                if busy.swap(true, Ordering::SeqCst) {
                    return;
                }
                let inner = odd(&quiet, 99);
                own.lookup(&inner);
                if own.register(&process, inner.clone(), 0).is_ok() {
                    own.unregister(&process, &inner);
                    own.select(|_| Some(()));
                    count.store(true, Ordering::SeqCst);
                }
                busy.store(false, Ordering::SeqCst);
            })),
        );
    }
    let (own, [key, same]) = (odds.clone(), [1, 1].map(|name| odd(&does, name)));
    one.act(move |ctx| {
        own.register(ctx, key, 1).unwrap();
        own.register(ctx, same.clone(), 1).unwrap_err();
        own.update_value(ctx, &same, |value| value + 1).unwrap();
        assert_eq!(own.keys(ctx.pid()).len(), 1);
        own.unregister(ctx, &same);
        own.register(ctx, same, 1).unwrap();
    })
    .await;
    assert!(count.load(Ordering::SeqCst));
    one.kill().await;
    for which in [&does.hash, &does.eq, &does.drop] {
        set(which, None);
    }
    // It uses the process's name after its end as before: refused.
    assert_eq!(odds.count(), 0);
}

/// A value that uses the registry when it is dropped.
struct Caller(Registry<&'static str, Mail, Mutex<Option<Caller>>>, Arc<AtomicBool>);

impl Drop for Caller {
    fn drop(&mut self) {
        assert!(self.0.lookup("k").is_none());
        self.0.select(|_| Some(()));
        self.1.store(true, Ordering::SeqCst);
    }
}

#[otp::test]
async fn a_value_may_use_the_registry_when_it_is_dropped(system: System) {
    let called = Arc::new(AtomicBool::new(false));
    for way in 0..3 {
        let names = Registry::new(&system);
        let server = names.start(&system).await.unwrap();
        let one = Actor::start(&system);
        one.register(&names, "k", Mutex::new(Some(Caller(names.clone(), called.clone())))).await;
        match way {
            0 => one.kill().await,
            1 => {
                let own = names.clone();
                assert_eq!(one.act(move |ctx| own.unregister(ctx, &"k")).await, 1);
            }
            _ => server.stop().await.unwrap(),
        }
        assert!(called.swap(false, Ordering::SeqCst), "way {way}");
    }
}

#[otp::test]
async fn values_whose_drops_panic_do_not_keep_other_entries(system: System) {
    system.log_crashes(false);
    type Mixed = Registry<u32, Mail, (Option<Bomb>, Guard), Duplicate>;
    for stops in [false, true] {
        let (mixed, drops): (Mixed, _) = (Registry::new(&system), Drops::default());
        let server = mixed.start(&system).await.unwrap();
        let (one, own, counted) = (Actor::start(&system), mixed.clone(), drops.clone());
        one.act(move |ctx| {
            for n in 0..10 {
                let bomb = (n % 3 == 0).then(|| Bomb("boom"));
                own.register(ctx, n, (bomb, counted.guard())).unwrap();
            }
        })
        .await;
        if stops {
            server.stop().await.unwrap();
            assert_eq!(one.0.exited().await, ExitReason::Shutdown);
        } else {
            one.kill().await;
        }
        assert_eq!(mixed.count(), 0);
        assert_eq!(drops.count(), 10);
    }
}

#[otp::test]
async fn a_process_that_is_killed_while_it_registers_leaves_nothing(system: System) {
    let names: Names = open(&system).await;
    for round in 0..20 {
        let (own, begun) = (names.clone(), Arc::new(AtomicBool::new(false)));
        let telling = begun.clone();
        let one = system.spawn(async move |ctx: ProcessContext<Mail>| {
            let keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
            loop {
                for key in keys {
                    let _ = own.register(&ctx, key, round);
                    telling.store(true, Ordering::SeqCst);
                    otp::process::yield_now().await;
                }
                for key in keys {
                    own.unregister(&ctx, &key);
                }
            }
        });
        until(|| begun.load(Ordering::SeqCst)).await;
        one.exit(ExitReason::Kill);
        one.exited().await;
        assert_eq!(names.count(), 0, "round {round}");
        assert!(names.keys(one.pid()).is_empty());
    }
}

#[otp::test]
async fn code_that_acts_for_a_process_while_that_ends_leaves_nothing(system: System) {
    let names: Names = open(&system).await;
    for _ in 0..10 {
        let one = Actor::start(&system);
        let process: Process = one.act(|ctx| Process::clone(ctx)).await;
        let acting: Vec<_> = ["a", "b"]
            .map(|key| {
                let (own, process) = (names.clone(), process.clone());
                system.spawn(async move |_: ProcessContext<()>| {
                    // Until it is told that the process has ended.
                    while own.register(&process, key, 1).is_ok() {
                        otp::process::yield_now().await;
                        own.unregister(&process, &key);
                    }
                })
            })
            .into();
        one.kill().await;
        assert_eq!(names.count(), 0);
        for acting in acting {
            assert_eq!(acting.exited().await, ExitReason::Normal);
        }
        assert_eq!(names.count(), 0);
    }
}

#[otp::test]
async fn a_key_that_many_want_goes_to_one(system: System) {
    let names: Names = open(&system).await;
    let wins = Arc::new(Mutex::new(Vec::new()));
    let wanting: Vec<_> = (0..8)
        .map(|_| {
            let (own, wins) = (names.clone(), wins.clone());
            system.spawn(async move |ctx: ProcessContext<Mail>| {
                otp::process::yield_now().await;
                if own.register(&ctx, "k", 1).is_ok() {
                    wins.lock().unwrap().push(ctx.pid());
                    std::future::pending::<()>().await;
                }
            })
        })
        .collect();
    until(|| wanting.iter().filter(|process| process.is_alive()).count() == 1).await;
    assert_eq!(*wins.lock().unwrap(), [names.lookup("k").unwrap().pid()]);
}

#[otp::test(backends = [tokio, smol])]
async fn a_million_keys_are_left_one_by_one_and_at_once(system: System) {
    const MANY: u32 = 200_000;
    let numbers: Registry<u32, Mail, (), Duplicate> = Registry::new(&system);
    numbers.start(&system).await.unwrap();
    // A process that has them all, and gives half of them up; and one key that as many processes have.
    let (one, own) = (Actor::start(&system), numbers.clone());
    one.act(move |ctx| {
        (0..MANY).for_each(|n| own.register(ctx, n, ()).unwrap());
        (0..MANY).for_each(|_| own.register(ctx, MANY, ()).unwrap());
        (0..MANY).step_by(2).for_each(|n| assert_eq!(own.unregister(ctx, &n), 1));
    })
    .await;
    assert_eq!(numbers.count(), (MANY + MANY / 2) as usize);
    one.kill().await;
    assert_eq!(numbers.count(), 0);
    let all: Vec<_> = (0..MANY / 10)
        .map(|_| {
            let own = numbers.clone();
            system.spawn(async move |ctx: ProcessContext<Mail>| {
                own.register(&ctx, MANY, ()).unwrap();
                std::future::pending::<()>().await
            })
        })
        .collect();
    until(|| numbers.count() == all.len()).await;
    all.iter().for_each(|process| process.exit(ExitReason::Kill));
    for process in &all {
        process.exited().await;
    }
    assert_eq!(numbers.count(), 0);
}

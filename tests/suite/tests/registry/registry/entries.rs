//! Registering, unregistering, updating: EREG-1, EREG-2, EREG-3, EREG-4, EREG-5, EREG-6, EREG-8 and EREG-9.

use otp::prelude::*;
use otp::registry::{RegisterError, Registry, UpdateError};

use super::actor::{Actor, Mail, Names, Topics, open};

#[otp::test]
async fn a_unique_key_has_one_process(system: System) {
    let (names, [one, other]): (Names, _) = (open(&system).await, [(); 2].map(|()| Actor::start(&system)));
    one.register(&names, "k", 1).await;
    for taker in [&one, &other] {
        // EREG-1: also by the same process.
        let taken = names.clone();
        let error = taker.act(move |ctx| taken.register(ctx, "k", 2).unwrap_err()).await;
        assert_eq!(error.to_string(), format!("cannot register \"k\" in registry: {} has it", one.pid()));
        assert_eq!(error.into_parts(), ("k", 2));
    }
    let found = names.lookup("k").unwrap();
    assert_eq!((found.key(), found.value(), found.process()), (&"k", &1, &one.0));
    assert!(names.lookup("z").is_none());
    assert_eq!(names.count(), 1);
}

#[otp::test]
async fn a_duplicate_key_has_any_number_of_entries_also_of_one_process(system: System) {
    let (topics, [one, other]): (Topics, _) = (open(&system).await, [(); 2].map(|()| Actor::start(&system)));
    one.register(&topics, "k", 1).await;
    other.register(&topics, "k", 2).await;
    one.register(&topics, "k", 3).await;
    let found = topics.lookup("k");
    let found: Vec<_> = found.iter().map(|entry| (entry.pid(), *entry.value())).collect();
    assert_eq!(found, [(one.pid(), 1), (other.pid(), 2), (one.pid(), 3)]);
    assert_eq!(topics.keys(one.pid()), ["k", "k"]);
    // EREG-6: only the caller's entries.
    let all = topics.clone();
    assert_eq!(one.act(move |ctx| all.unregister(ctx, &"k")).await, 2);
    assert_eq!(topics.lookup("k").len(), 1);
    assert_eq!(topics.count(), 1);
    other.kill().await;
    assert!(topics.lookup("k").is_empty());
    assert_eq!(topics.count(), 0);
}

#[otp::test]
async fn a_process_unregisters_what_it_has_and_nothing_else(system: System) {
    let (names, [one, other]): (Names, _) = (open(&system).await, [(); 2].map(|()| Actor::start(&system)));
    one.register(&names, "k", 1).await;
    one.register(&names, "z", 2).await;
    let (mine, also) = (names.clone(), names.clone());
    assert_eq!(other.act(move |ctx| mine.unregister(ctx, &"k")).await, 0);
    assert_eq!(one.act(move |ctx| (also.unregister(ctx, &"k"), also.unregister(ctx, &"none"))).await, (1, 0));
    assert!(names.lookup("k").is_none());
    assert_eq!(names.keys(one.pid()), ["z"]);
    other.register(&names, "k", 3).await;
    assert_eq!(names.lookup("k").unwrap().pid(), other.pid());
}

#[otp::test]
async fn the_entries_of_a_process_are_gone_before_anybody_sees_its_end(system: System) {
    let (names, one): (Names, _) = (open(&system).await, Actor::start(&system));
    one.register(&names, "k", 1).await;
    one.register(&names, "z", 2).await;
    let seen = names.clone();
    let pid = one.pid();
    let hook = system.on_event(move |event| {
        if matches!(event, otp::event::Event::Exited { pid: ended, .. } if *ended == pid) {
            assert!(seen.lookup("k").is_none() && seen.lookup("z").is_none() && seen.keys(pid).is_empty());
        }
    });
    let (watch, taken) = (names.clone(), one.clone());
    let watcher = system.spawn(async move |mut ctx: ProcessContext<Mail>| {
        ctx.monitor(taken.pid());
        taken.0.exit(ExitReason::Kill);
        assert!(matches!(ctx.receive().await, Message::Down(_)));
        // EREG-4 and EREG-5: it is seen by nobody, and the key can be taken at once.
        assert!(watch.lookup("k").is_none());
        watch.register(&ctx, "k", 2).unwrap();
    });
    assert_eq!(watcher.exited().await, ExitReason::Normal);
    drop(hook);
    assert_eq!(names.count(), 0);
    // EREG-9: the registry goes on.
    assert!(names.pid().is_some());
}

#[otp::test]
async fn only_the_process_itself_updates_its_value(system: System) {
    let (names, [one, other]): (Names, _) = (open(&system).await, [(); 2].map(|()| Actor::start(&system)));
    one.register(&names, "k", 1).await;
    let before = names.lookup("k").unwrap();
    let own = names.clone();
    let (new, old) = one.act(move |ctx| own.update_value(ctx, &"k", |value| value + 1).unwrap()).await;
    assert_eq!((*new.value(), *old.value(), *before.value()), (2, 1, 1));
    assert_eq!(names.lookup("k"), Some(new.clone()));
    assert_eq!(names.values("k", one.pid()), [new]);
    let (own, pid) = (names.clone(), other.pid());
    let error = other.act(move |ctx| own.update_value(ctx, &"k", |_| 9).unwrap_err()).await;
    assert!(matches!(&error, UpdateError::NotRegistered { key: "k", pid: of, .. } if *of == pid));
    assert_eq!(error.to_string(), format!("cannot update \"k\" in registry: {pid} is not registered under it"));
    // What was updated is removed as what was registered.
    one.kill().await;
    assert!(names.lookup("k").is_none());
    assert_eq!(names.count(), 0);
}

#[otp::test]
async fn what_cannot_be_registered_comes_back(system: System) {
    let (names, one): (Names<String>, _) = (Registry::new(&system), Actor::start(&system));
    let closed = names.clone();
    let error = one.act(move |ctx| closed.register(ctx, "k", "value".to_owned()).unwrap_err()).await;
    assert!(matches!(error, RegisterError::NotRunning { .. }));
    assert_eq!(error.to_string(), "cannot register \"k\" in registry: the registry is not running");
    assert_eq!(error.into_parts(), ("k", "value".to_owned()));
    assert!(names.lookup("k").is_none() && names.keys(one.pid()).is_empty());

    names.start(&system).await.unwrap();
    // A process that receives something else.
    let stranger = names.clone();
    let wrong = system.spawn(async move |ctx: ProcessContext<u8>| {
        let process: &Process = &ctx;
        let error = stranger.register(process, "k", String::new()).unwrap_err();
        assert!(matches!(error, RegisterError::WrongType { .. }), "{error}");
        assert!(error.to_string().ends_with("it receives u8, not registry::registry::actor::Mail"), "{error}");
    });
    assert_eq!(wrong.exited().await, ExitReason::Normal);
    // A process that has ended.
    let ended: Process = one.act(|ctx| Process::clone(ctx)).await;
    one.kill().await;
    let error = names.register(&ended, "k", String::new()).unwrap_err();
    assert!(matches!(error, RegisterError::NoProc { pid, .. } if pid == one.pid()));
    assert_eq!(names.unregister(&ended, &"k"), 0);
    assert_eq!(names.count(), 0);
}

#[otp::test]
async fn a_process_registers_from_wherever_it_acts(system: System) {
    let (names, one): (Names, _) = (open(&system).await, Actor::start(&system));
    let own = names.clone();
    let process = one.act(move |ctx| {
        let process = Process::current().unwrap();
        own.register(&process, "current", 1).unwrap();
        assert_eq!(process.pid(), ctx.pid());
        process
    });
    let process = process.await;
    names.register(&process, "outside", 2).unwrap();
    assert_eq!(names.keys(one.pid()), ["current", "outside"]);
}

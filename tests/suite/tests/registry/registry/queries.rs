//! Values, matches, selections, dispatch, metadata: EREG-7, EREG-10 and EREG-12.

use otp::prelude::*;
use otp::registry::{MetaError, Registry};

use super::actor::{Actor, Mail, Names, Topics, open};

#[otp::test]
async fn entries_are_found_by_what_their_values_are(system: System) {
    let (topics, [one, other]): (Topics, _) = (open(&system).await, [(); 2].map(|()| Actor::start(&system)));
    for (actor, key, value) in [(&one, "k", 1), (&other, "k", 2), (&one, "k", 3), (&one, "z", 4), (&other, "a", 5)] {
        actor.register(&topics, key, value).await;
    }
    let values = |entries: Vec<otp::registry::Entry<_, _, u32>>| -> Vec<u32> {
        entries.iter().map(|entry| *entry.value()).collect()
    };
    assert_eq!(values(topics.matches("k", |value| value % 2 == 1)), [1, 3]);
    assert_eq!(topics.count_matches("k", |value| *value > 1), 2);
    assert_eq!(topics.count_matches("none", |_| true), 0);
    assert_eq!(values(topics.values("k", one.pid())), [1, 3]);
    assert!(topics.values("a", one.pid()).is_empty());
    // In the order of registration, whatever the hashes of the keys.
    assert_eq!(topics.select(|entry| Some(*entry.value())), [1, 2, 3, 4, 5]);
    assert_eq!(topics.select(|entry| (*entry.key() == "z").then(|| entry.pid())), [one.pid()]);
    assert_eq!(topics.count_select(|entry| entry.pid() == other.pid()), 2);
    assert_eq!(topics.keys(one.pid()), ["k", "k", "z"]);

    let own = topics.clone();
    assert_eq!(one.act(move |ctx| own.unregister_matches(ctx, &"k", |value| *value < 3)).await, 1);
    assert_eq!(values(topics.lookup("k")), [2, 3]);
    let own = topics.clone();
    assert_eq!(one.act(move |ctx| own.unregister_matches(ctx, &"k", |_| true)).await, 1);
    assert_eq!(topics.keys(one.pid()), ["z"]);
    assert_eq!(topics.count(), 3);
}

#[otp::test]
async fn dispatch_is_called_once_with_all_entries_and_not_without_any(system: System) {
    let (topics, [one, other]): (Topics, _) = (open(&system).await, [(); 2].map(|()| Actor::start(&system)));
    let mut calls = 0;
    assert_eq!(topics.dispatch("k", |_| calls += 1), None);
    one.register(&topics, "k", 1).await;
    other.register(&topics, "k", 2).await;
    let sent = topics.dispatch("k", |entries| {
        calls += 1;
        entries.iter().filter(|entry| entry.process().try_send(Mail::Text("hello")).is_ok()).count()
    });
    assert_eq!((sent, calls), (Some(2), 1));
    let names: Names = open(&system).await;
    one.register(&names, "k", 1).await;
    assert_eq!(names.dispatch("k", |entries| entries.len()), Some(1));
}

#[otp::test]
async fn closures_may_use_the_registry(system: System) {
    let (topics, one): (Topics, _) = (open(&system).await, Actor::start(&system));
    one.register(&topics, "k", 1).await;
    let own = topics.clone();
    one.act(move |ctx| {
        own.dispatch("k", |_| assert_eq!(own.unregister(ctx, &"k"), 1));
        own.register(ctx, "k", 2).unwrap();
        own.select(|entry| Some(own.register(ctx, "more", *entry.value()).is_ok()));
        own.matches("more", |_| own.unregister(ctx, &"more") == 1);
        own.unregister_matches(ctx, &"k", |_| own.register(ctx, "z", 3).is_ok());
    })
    .await;
    assert_eq!(topics.keys(one.pid()), ["z"]);
}

#[otp::test]
async fn a_registry_stores_values_of_its_own(system: System) {
    let names: Names = Registry::new(&system);
    let error = names.put_meta("limit", 1_u8).unwrap_err();
    assert_eq!(error.to_string(), "registry stores nothing: the registry is not running");
    assert_eq!(error.value, 1);
    let server = names.start(&system).await.unwrap();
    names.put_meta("limit", 1_u8).unwrap();
    names.put_meta("limit", "ten".to_owned()).unwrap();
    assert_eq!(*names.meta::<String>("limit").unwrap(), "ten");
    let wrong = names.meta::<u8>("limit").unwrap_err();
    assert_eq!(wrong.to_string(), "registry stores alloc::string::String under \"limit\", not u8");
    assert!(matches!(names.meta::<u8>("nope"), Err(MetaError::NotFound { .. })));
    assert!(names.delete_meta("limit") && !names.delete_meta("limit"));
    names.put_meta("limit", 2_u8).unwrap();
    // It ends with the registry.
    server.stop().await.unwrap();
    names.start(&system).await.unwrap();
    assert!(matches!(names.meta::<u8>("limit"), Err(MetaError::NotFound { .. })));
}

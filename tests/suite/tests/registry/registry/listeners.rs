//! Who is told of changes: EREG-11.

use otp::prelude::*;
use otp::process::SpawnOptions;
use otp::registry::{Change, ServerRegistry};
use otp::test::Probe;

use super::actor::{Actor, Mail, Names, open};
use super::via::Room;

fn text(change: Change<&'static str, Mail, u32>) -> String {
    match change {
        Change::Registered(entry) => format!("+{}={}", entry.key(), entry.value()),
        Change::Unregistered { key, .. } => format!("-{key}"),
        _ => unreachable!(),
    }
}

#[otp::test]
async fn listeners_hear_of_what_processes_do_and_not_of_ends_or_updates(system: System) {
    let (names, one): (Names, _) = (open(&system).await, Actor::start(&system));
    let probe = Probe::start(&system).await;
    names.listen(Address::from(probe.this()).map_message(text));
    one.register(&names, "k", 1).await;
    let own = names.clone();
    one.act(move |ctx| {
        own.update_value(ctx, &"k", |_| 2).unwrap();
        own.register(ctx, "z", 3).unwrap();
        own.register(ctx, "z", 4).unwrap_err();
        own.unregister(ctx, &"k");
        own.unregister(ctx, &"none");
        // Its entry stays.
        own.unregister_matches(ctx, &"z", |_| false);
        own.unregister_matches(ctx, &"nothing", |_| true);
    })
    .await;
    one.kill().await;
    let other = Actor::start(&system);
    other.register(&names, "last", 5).await;
    for expected in ["+k=1", "+z=3", "-k", "-none", "-nothing", "+last=5"] {
        probe.expect(expected.to_owned()).await;
    }
}

#[otp::test]
async fn listeners_hear_of_a_start_under_a_key_that_fails(system: System) {
    let rooms = ServerRegistry::<String, Room>::new(&system);
    rooms.start(&system).await.unwrap();
    let probe = Probe::start(&system).await;
    rooms.listen(Address::from(probe.this()).map_message(|change| match change {
        Change::Registered(entry) => format!("+{}", entry.key()),
        Change::Unregistered { key, .. } => format!("-{key}"),
        _ => unreachable!(),
    }));
    let start = async |seats, key: &str| Room::start(&system, seats).name(rooms.via(key.to_owned())).await;
    start(0, "attic").await.unwrap_err();
    let hall = start(3, "hall").await.unwrap();
    start(4, "hall").await.unwrap_err();
    hall.stop().await.unwrap();
    start(5, "last").await.unwrap();
    for expected in ["+attic", "-attic", "+hall", "+last"] {
        probe.expect(expected.to_owned()).await;
    }
}

#[otp::test]
async fn a_listener_is_found_by_its_name_again_and_told_nothing_after_it_has_stopped(system: System) {
    const EARS: Name<String> = Name::new("ears");
    let (names, one): (Names, _) = (open(&system).await, Actor::start(&system));
    let listening = names.listen(Address::named(&system, EARS).map_message(text));
    // Nobody has the name: the change is lost, and the listener stays.
    one.register(&names, "lost", 1).await;
    for key in ["a", "b"] {
        let ears = system.spawn_with(SpawnOptions::new().name(EARS), async move |mut ctx: ProcessContext<String>| {
            assert_eq!(ctx.receive().await, Message::User(format!("+{key}=1")));
        });
        one.register(&names, key, 1).await;
        assert_eq!(ears.unwrap().process.exited().await, ExitReason::Normal);
    }
    listening.stop();
    let probe = Probe::start(&system).await;
    names.listen(Address::from(probe.this()).map_message(text));
    one.register(&names, "c", 1).await;
    probe.expect("+c=1".to_owned()).await;
}

#[otp::test]
async fn a_listener_that_fails_harms_nobody(system: System) {
    let (names, one): (Names, _) = (open(&system).await, Actor::start(&system));
    let ended = Actor::start(&system);
    ended.kill().await;
    names.listen(Address::from(&ended.0).map_message(|_| Mail::Text("lost")));
    let live = Actor::start(&system);
    names.listen(Address::from(&live.0).map_message(|_| panic!("no mapping")));
    let probe = Probe::start(&system).await;
    names.listen(Address::from(probe.this()).map_message(text));
    one.register(&names, "k", 1).await;
    one.register(&names, "z", 2).await;
    probe.expect("+k=1".to_owned()).await;
    probe.expect("+z=2".to_owned()).await;
}

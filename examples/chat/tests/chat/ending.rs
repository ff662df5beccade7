//! How users end, one by one or all together.

use std::time::Duration;

use chat::args::Options;
use chat::tree::{NICKS, ROOMS};
use futures::channel::oneshot;
use futures::future::join;
use otp::registry::{Groups, Registry};
use otp::{ExitReason, System};

use crate::client::{Chat, Client};

#[otp::test]
async fn a_user_that_is_killed_leaves_its_room_and_its_nick_at_once(system: System) {
    let chat = Chat::start(&system).await;
    let mut ann = chat.user("ann", "kitchen").await;
    let mut bob = chat.user("bob", "kitchen").await;
    ann.expect("* bob joins kitchen").await;

    let pid = chat.pid("bob").unwrap();
    let end = system.exited(pid);
    system.exit(pid, ExitReason::Kill);
    assert_eq!(end.await, ExitReason::Killed);
    assert_eq!(chat.pid("bob"), None);
    let rooms = Groups::named(&system, ROOMS);
    assert_eq!(
        rooms.members("kitchen").iter().map(|member| member.pid()).collect::<Vec<_>>(),
        [chat.pid("ann").unwrap()]
    );

    bob.expect_end().await;
    ann.expect("* bob leaves kitchen").await;
    assert_eq!(ann.ask("/who").await, "* in kitchen: ann");
    chat.user("bob", "kitchen").await;
    ann.expect("* bob joins kitchen").await;
}

#[otp::test]
async fn a_client_that_hangs_up_leaves_its_room(system: System) {
    let chat = Chat::start(&system).await;
    let mut ann = chat.user("ann", "kitchen").await;
    for how in ["quits", "finishes", "is dropped", "is dropped with something unread, which resets the connection"] {
        let mut bob = chat.user("bob", "kitchen").await;
        ann.expect("* bob joins kitchen").await;
        let end = system.exited(chat.pid("bob").unwrap());
        match how {
            "quits" => bob.send("/quit\n").await,
            "finishes" => bob.mouth.finish().await,
            "is dropped" => drop(bob),
            _ => {
                ann.send("bob?\n").await;
                ann.expect("ann: bob?").await;
                drop(bob);
            }
        }
        ann.expect("* bob leaves kitchen").await;
        let reason = end.await;
        assert!(!reason.is_abnormal(), "{how}: {reason}");
        assert_eq!(chat.pid("bob"), None, "{how}");
    }
}

#[otp::test]
async fn what_was_sent_before_hanging_up_is_said(system: System) {
    let chat = Chat::start(&system).await;
    let mut ann = chat.user("ann", "kitchen").await;
    // As `printf … | nc` does.
    let mut bob = chat.client().await;
    bob.send("/nick bob\n/join kitchen\ngood night\nhalf a li").await;
    bob.mouth.finish().await;
    for line in ["* bob joins kitchen", "bob: good night", "* bob leaves kitchen"] {
        ann.expect(line).await;
    }
    for line in ["* you are bob", "* bob joins kitchen", "* in kitchen: ann, bob", "bob: good night", "* bye"] {
        bob.expect(line).await;
    }
    bob.expect_end().await;
}

#[otp::test]
async fn who_sends_no_line_for_too_long_is_told_and_ends(system: System) {
    let chat = Chat::with(&system, Options { idle: Duration::from_millis(50), ..Options::default() }).await;
    let mut ann = chat.client().await;
    // What is no line is no sign of life.
    ann.send("hel").await;
    ann.expect("! silent for too long").await;
    ann.expect_end().await;
}

#[otp::test]
async fn the_registry_takes_the_users_along_and_new_ones_can_come(system: System) {
    system.log_crashes(false);
    let chat = Chat::start(&system).await;
    let mut ann = chat.user("ann", "kitchen").await;
    let nicks = Registry::named(&system, NICKS);
    system.exit(nicks.pid().unwrap(), ExitReason::Kill);
    ann.expect("* the server stops").await;
    ann.expect_end().await;

    // Who is let in before the listener is stopped is closed again.
    loop {
        let mut ann = Client::connect(&system, chat.server.address()).await;
        // It fails when the connection has ended.
        let _ = ann.mouth.try_send("/nick ann\n/join kitchen\n/rooms\n").await;
        let mut last = None;
        while let Some(line) = ann.ears.next().await {
            last = Some(line);
            if last.as_deref() == Some("* rooms: kitchen (1)") {
                return;
            }
        }
        assert!(last.as_deref() != Some("! the nick ann is taken"), "the nick is free");
    }
}

#[otp::test]
async fn when_the_server_stops_all_are_told(system: System) {
    let chat = Chat::start(&system).await;
    let mut ann = chat.user("ann", "kitchen").await;
    let mut bob = chat.client().await;
    let (stop, stopped) = oneshot::channel();
    let address = chat.server.address().clone();
    let clients = async {
        stop.send(()).unwrap();
        for client in [&mut ann, &mut bob] {
            client.expect("* the server stops").await;
            client.expect_end().await;
        }
    };
    let stop = async {
        stopped.await.unwrap();
        system.shutdown(chat::serve::Chat::LIMIT).await
    };
    let (ended, ()) = join(stop, clients).await;
    assert_eq!(ended.killed().count(), 0);
    assert!(system.net().unwrap().connect(address).await.is_err());
}

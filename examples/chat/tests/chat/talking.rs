//! Nicks, rooms, and what is said there.

use chat::args::Options;
use futures::future::join_all;
use otp::System;

use crate::client::{Chat, Client};

#[otp::test]
async fn two_users_talk(system: System) {
    let chat = Chat::start(&system).await;
    let mut ann = chat.user("ann", "kitchen").await;
    let mut bob = chat.user("bob", "kitchen").await;
    ann.expect("* bob joins kitchen").await;

    ann.send("hello, bob\r\n").await;
    ann.expect("ann: hello, bob").await;
    bob.expect("ann: hello, bob").await;
    bob.send("hello, ann\n").await;
    ann.expect("bob: hello, ann").await;
    bob.expect("bob: hello, ann").await;

    assert_eq!(ann.ask("/who").await, "* in kitchen: ann, bob");
    assert_eq!(ann.ask("/rooms").await, "* rooms: kitchen (2)");
    assert_eq!(bob.ask("/leave").await, "* you have left kitchen");
    ann.expect("* bob leaves kitchen").await;
    assert_eq!(bob.ask("is anybody there?").await, "! you are in no room: /join ROOM");
    assert_eq!(bob.ask("/quit").await, "* bye");
    bob.expect_end().await;
}

#[otp::test]
async fn rooms_do_not_hear_each_other(system: System) {
    let chat = Chat::start(&system).await;
    let mut ann = chat.user("ann", "kitchen").await;
    let mut bob = chat.user("bob", "hall").await;
    ann.send("dinner\n").await;
    ann.expect("ann: dinner").await;
    bob.send("/join kitchen\n").await;
    bob.expect("* bob joins kitchen").await;
    bob.expect("* in kitchen: ann, bob").await;
    assert_eq!(bob.ask("/rooms").await, "* rooms: kitchen (2)");
}

#[otp::test]
async fn what_each_says_arrives_in_its_order_at_everyone(system: System) {
    const USERS: usize = 5;
    const LINES: usize = 40;
    let chat = Chat::start(&system).await;
    let mut users: Vec<Client> = Vec::new();
    for number in 0..USERS {
        let user = chat.user(&format!("user{number}"), "hall").await;
        for earlier in &mut users {
            earlier.expect(&format!("* user{number} joins hall")).await;
        }
        users.push(user);
    }
    // All speak at once.
    join_all(users.iter_mut().map(async |user| {
        let lines: String = (0..LINES).map(|number| format!("{number}\n")).collect();
        user.send(lines).await;
    }))
    .await;
    for user in &mut users {
        let mut heard = [0; USERS];
        for _ in 0..USERS * LINES {
            let line = user.line().await;
            let (speaker, number) = line.strip_prefix("user").unwrap().split_once(": ").unwrap();
            let next = &mut heard[speaker.parse::<usize>().unwrap()];
            assert_eq!(number.parse(), Ok(*next), "of user{speaker}");
            *next += 1;
        }
        assert_eq!(heard, [LINES; USERS]);
    }
}

#[otp::test]
async fn a_nick_belongs_to_one_user(system: System) {
    let chat = Chat::start(&system).await;
    let mut ann = chat.user("ann", "kitchen").await;
    let mut bob = chat.client().await;
    assert_eq!(bob.ask("hello").await, "! who are you? /nick NAME");
    assert_eq!(bob.ask("/join kitchen").await, "! who are you? /nick NAME");
    assert_eq!(bob.ask("/nick ann").await, "! the nick ann is taken");
    assert_eq!(bob.ask("/nick bob").await, "* you are bob");

    assert_eq!(ann.ask("/nick ann").await, "* you are ann");
    ann.send("/nick ann-2\n").await;
    ann.expect("* ann is now ann-2").await;
    ann.expect("* you are ann-2").await;
    assert_eq!(bob.ask("/nick ann").await, "* you are ann");
    assert_eq!(ann.ask("/who").await, "* in kitchen: ann-2");
}

#[otp::test]
async fn of_all_who_want_a_nick_at_once_one_gets_it(system: System) {
    let chat = Chat::start(&system).await;
    let mut users = Vec::new();
    for _ in 0..5 {
        users.push(chat.client().await);
    }
    let answers = join_all(users.iter_mut().map(|user| user.ask("/nick ann"))).await;
    let count = |wanted: &str| answers.iter().filter(|answer| *answer == wanted).count();
    assert_eq!((count("* you are ann"), count("! the nick ann is taken")), (1, 4));
}

#[otp::test]
async fn over_the_limit_is_a_polite_refusal_until_somebody_leaves(system: System) {
    let chat = Chat::with(&system, Options { max_users: 2, ..Options::default() }).await;
    let mut ann = chat.user("ann", "kitchen").await;
    let mut bob = chat.user("bob", "kitchen").await;
    let mut eve = Client::connect(&system, chat.server.address()).await;
    eve.expect("! all seats are taken; come again later").await;
    eve.expect_end().await;

    // Those who are in do not notice.
    bob.send("hello\n").await;
    ann.expect("* bob joins kitchen").await;
    ann.expect("bob: hello").await;

    let end = system.exited(chat.pid("bob").unwrap());
    assert_eq!(bob.ask("/quit").await, "bob: hello");
    end.await;
    chat.user("eve", "kitchen").await;
}

//! Input that means harm: answered by an error or an end, and nobody else notices.

use chat::protocol::Lines;
use otp::System;
use otp::sim::{Faults, set_faults};

use crate::client::Chat;

#[otp::test]
async fn what_is_no_line_is_refused_and_the_next_one_is_heard(system: System) {
    let chat = Chat::start(&system).await;
    let mut ann = chat.user("ann", "kitchen").await;
    let endless = [b'x'; 10 * Lines::MAX];
    for (bytes, error) in [
        (b"\xff\xfe\x00".as_slice(), "! a line is text in UTF-8"),
        (b"\x1b[2J", "! a line has no control characters"),
        (&endless, "! a line has at most 1024 bytes"),
        (b"/nick a:b", "! a name has 1 to 24 letters, digits, - and _ of ASCII"),
        (b"/crash", "! there is no command /crash; try /help"),
    ] {
        ann.send(bytes).await;
        ann.send("\n").await;
        ann.expect(error).await;
        ann.send("still here\n").await;
        ann.expect("ann: still here").await;
    }
}

#[otp::test]
async fn junk_of_all_kinds_harms_nobody(system: System) {
    let chat = Chat::start(&system).await;
    let mut ann = chat.user("ann", "kitchen").await;
    for _ in 0..20 {
        let mut eve = chat.client().await;
        let junk: Vec<u8> = (0..3000).flat_map(|_| system.random().to_le_bytes()).collect();
        // The server may have had enough before all of it is sent.
        let _ = eve.mouth.try_send(&junk).await;
    }
    ann.send("still here\n").await;
    ann.expect("ann: still here").await;
}

#[otp::test]
async fn a_line_without_end_takes_no_room(system: System) {
    let chat = Chat::start(&system).await;
    let mut ann = chat.user("ann", "kitchen").await;
    let mut eve = chat.client().await;
    for _ in 0..200 {
        eve.send([b'x'; 1000]).await;
    }
    eve.expect("! a line has at most 1024 bytes").await;
    eve.send("\n/nick eve\n").await;
    eve.expect("* you are eve").await;
    ann.send("still here\n").await;
    ann.expect("ann: still here").await;
}

/// In a simulation connections are reset at any moment, in the middle of a line, a join, a farewell.
#[otp::test(seeds = 50, faults = Faults::none().reset_connection(20))]
async fn whatever_breaks_nicks_and_rooms_are_free_afterwards(system: System) {
    set_faults(false);
    let chat = Chat::start(&system).await;
    for _ in 0..5 {
        let (mut ann, mut bob) = (chat.user("ann", "kitchen").await, chat.user("bob", "kitchen").await);
        let ends = ["ann", "bob"].map(|nick| system.exited(chat.pid(nick).unwrap()));
        set_faults(true);
        for _ in 0..10 {
            let _ = ann.mouth.try_send("hello\n").await;
            let _ = bob.mouth.try_send("/who\n/join hall\n/join kitchen\n").await;
        }
        drop((ann, bob));
        set_faults(false);
        for end in ends {
            let reason = end.await;
            assert!(!reason.is_abnormal(), "{reason}");
        }
    }
    let mut ann = chat.user("ann", "kitchen").await;
    assert_eq!(ann.ask("/rooms").await, "* rooms: kitchen (1)");
}

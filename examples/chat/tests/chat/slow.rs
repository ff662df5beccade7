//! Clients that do not read, or not as fast as they could.

use std::time::Duration;

use chat::args::Options;
use chat::user::End;
use futures::future::join;
use otp::{ExitReason, Pid, System};

use crate::client::{Chat, Client};

/// Lines that may wait for a user, and more than are ever said before all others have read them.
const BACKLOG: usize = 20;

fn options() -> Options {
    Options { backlog: BACKLOG, ..Options::default() }
}

/// As long as a line can be, so that the buffers of sockets are soon full.
fn long(number: usize) -> String {
    format!("{number:<1000}.")
}

/// How many lines are lost, according to a notice without its mark.
fn lost(notice: &str) -> usize {
    notice.split_once(" lines are lost: ").unwrap().0.parse().unwrap()
}

/// Two who talk, and one who does not read.
struct Room {
    chat: Chat,
    talkers: [Client; 2],
    deaf: Client,
    pid: Pid,
    said: usize,
}

impl Room {
    async fn open(system: &System, options: Options) -> Self {
        let chat = Chat::with(system, options).await;
        let mut talkers = [chat.user("ann", "hall").await, chat.user("bob", "hall").await];
        let deaf = chat.user("deaf", "hall").await;
        let pid = chat.pid("deaf").unwrap();
        talkers[0].expect("* bob joins hall").await;
        for talker in &mut talkers {
            talker.expect("* deaf joins hall").await;
        }
        Self { chat, talkers, deaf, pid, said: 0 }
    }

    /// One talker says a line, and both hear it, whatever the third user does. Returns how many of the two have heard,
    /// just before, that the third one is gone.
    async fn turn(&mut self) -> usize {
        let (number, mut farewells) = (self.said, 0);
        let line = format!("{}: {}", ["ann", "bob"][number % 2], long(number));
        self.talkers[number % 2].send(format!("{}\n", long(number))).await;
        for talker in &mut self.talkers {
            let mut heard = talker.line().await;
            if heard == "* deaf leaves hall" {
                farewells += 1;
                heard = talker.line().await;
            }
            assert_eq!(heard, line);
        }
        self.said += 1;
        farewells
    }

    /// How many lines the deaf one has lost so far, and how many wait for it, if it is still there.
    fn load(&self) -> Option<(u64, usize)> {
        let info = self.chat.system.info(self.pid)?;
        Some((info.load?.dropped, info.queue))
    }
}

#[otp::test]
async fn who_never_reads_holds_nobody_up_takes_no_memory_and_is_dropped(system: System) {
    let mut room = Room::open(&system, Options { patience: Duration::from_millis(100), ..options() }).await;
    let end = system.exited(room.pid);
    let (mut most_lost, mut farewells) = (0, 0);
    while let Some((lost, waiting)) = room.load() {
        most_lost = lost;
        assert!(waiting <= BACKLOG + 1, "{waiting} lines wait");
        farewells += room.turn().await;
        assert!(room.said < 1_000_000, "it is not dropped");
    }
    assert!(most_lost > 0, "it was dropped before it lost anything");
    assert_eq!(end.await, ExitReason::shutdown_with(End::TooSlow));
    farewells += room.turn().await;
    assert_eq!(farewells, 2);
    assert_eq!(room.talkers[0].ask("/who").await, "* in hall: ann, bob");
}

#[otp::test]
async fn who_reads_again_is_told_how_many_lines_are_lost(system: System) {
    let mut room = Room::open(&system, options()).await;
    while room.load().unwrap().0 < 50 {
        room.turn().await;
    }
    let (mut heard, mut told) = (0, 0);
    let last = room.said - 1;
    loop {
        let line = room.deaf.line().await;
        if let Some(notice) = line.strip_prefix("! ") {
            told += lost(notice);
            continue;
        }
        let (_, number) = line.split_once(": ").unwrap();
        let number: usize = number.trim_end_matches('.').trim_end().parse().unwrap();
        assert_eq!(number, heard + told, "what is lost is told where it is missing");
        heard += 1;
        if number == last {
            break;
        }
    }
    assert!(told >= 50);
    // It is a user as before.
    room.deaf.send("now I hear you\n").await;
    room.deaf.expect("deaf: now I hear you").await;
}

#[otp::test]
async fn who_does_not_read_is_heard(system: System) {
    let mut room = Room::open(&system, options()).await;
    while room.load().unwrap().0 == 0 {
        room.turn().await;
    }
    room.deaf.send("can you hear me?\n/nick mute\n/leave\n").await;
    for talker in &mut room.talkers {
        for line in ["deaf: can you hear me?", "* deaf is now mute", "* mute leaves hall"] {
            talker.expect(line).await;
        }
    }
}

#[otp::test]
async fn a_fast_speaker_is_not_thrown_out_by_its_own_echoes(system: System) {
    const LINES: usize = 3000;
    let chat = Chat::with(&system, options()).await;
    let mut ann = chat.user("ann", "hall").await;
    let Client { ears: hears, mouth: speaks } = &mut ann;
    let speaking = async { speaks.send((0..LINES).map(|number| format!("{number}\n")).collect::<String>()).await };
    let hearing = async {
        let mut accounted = 0;
        while accounted < LINES {
            let line = hears.line().await;
            match line.strip_prefix("! ") {
                Some(notice) => accounted += lost(notice),
                None => accounted += 1,
            }
        }
        assert_eq!(accounted, LINES, "each line comes back, or is told to be lost");
    };
    join(speaking, hearing).await;
    speaks.send("the end\n").await;
    hears.expect("ann: the end").await;
}

/// Only in the simulator, as the next one: Linux does not deliver what is sent by a client whose own buffer is full, so that
/// on real sockets there is nothing to wait for.
#[otp::test(backends = [sim])]
async fn a_speaker_who_reads_nothing_loses_echoes_and_is_heard(system: System) {
    let mut room = Room::open(&system, options()).await;
    let mut said = 0;
    while room.load().unwrap().0 < 50 {
        room.deaf.send(format!("{}\n", long(said))).await;
        for talker in &mut room.talkers {
            talker.expect(&format!("deaf: {}", long(said))).await;
        }
        said += 1;
    }
    room.deaf.send("the end\n").await;
    let mut told = 0;
    loop {
        match room.deaf.line().await {
            line if line == "deaf: the end" => break,
            line => told += line.strip_prefix("! ").map_or(0, lost),
        }
    }
    assert!(told >= 50, "{told}");
    assert_eq!(room.chat.pid("deaf"), Some(room.pid));
}

#[otp::test(backends = [sim])]
async fn who_asks_and_does_not_read_the_answers_is_dropped(system: System) {
    let mut room = Room::open(&system, options()).await;
    while room.load().unwrap().0 < 50 {
        room.turn().await;
    }
    let end = system.exited(room.pid);
    room.deaf.send("/help\n".repeat(500)).await;
    assert_eq!(end.await, ExitReason::shutdown_with(End::Overrun));
    room.turn().await;
}

//! Many messages on four threads while receivers are killed at random: each message is received, dropped unread or
//! handed back, each call is answered or fails, each exit gives one `Down`.
//!
//! `OTP_STRESS_MESSAGES` says how many messages; CONTRIBUTING has the command for ten million.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use otp::prelude::*;
use otp::smol::SmolExecutor;
use otp::tokio::TokioExecutor;
use otp::{From, Message, MonitorRef, ProcessContext};
use otp_suite::{down, inside, until};

const SENDERS: u64 = 8;
const RECEIVERS: usize = 64;
/// One in so many messages is a call, and one in so many is followed by a kill.
const CALLS: u64 = 16;
const KILLS: u64 = 500;

/// What became of the messages.
#[derive(Default)]
struct Tally {
    received: AtomicU64,
    dropped: AtomicU64,
}

/// A message that counts what becomes of it.
struct Letter {
    tally: Arc<Tally>,
    received: bool,
}

enum Mail {
    Note(Letter),
    Question(Letter, u64, From<u64>),
}

impl Letter {
    fn new(tally: &Arc<Tally>) -> Letter {
        Letter { tally: tally.clone(), received: false }
    }

    fn receive(mut self) {
        self.received = true;
        self.tally.received.fetch_add(1, Ordering::Relaxed);
    }
}

impl Drop for Letter {
    fn drop(&mut self) {
        if !self.received {
            self.tally.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
}

async fn receiver(mut ctx: ProcessContext<Mail>) {
    loop {
        match ctx.receive().await {
            Message::User(Mail::Note(letter)) => letter.receive(),
            Message::User(Mail::Question(letter, n, from)) => {
                letter.receive();
                from.reply(n + 1);
            }
            other => drop(other),
        }
    }
}

/// Random numbers that are the same in each run: Marsaglia's xorshift.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn receiver(&mut self) -> usize {
        (self.next() % RECEIVERS as u64) as usize
    }
}

/// The receivers, which are replaced as they are killed.
type Receivers = Arc<Vec<Mutex<ProcessRef<Mail>>>>;

/// What a sender did: its sum is accounted for at the end.
#[derive(Default)]
struct Sent {
    letters: u64,
    killed: u64,
    answered: u64,
    failed: u64,
}

async fn sender(mut ctx: ProcessContext<()>, receivers: Receivers, tally: Arc<Tally>, letters: u64, seed: u64) -> Sent {
    let mut dice = Dice(seed);
    let mut sent = Sent { letters, ..Sent::default() };
    let mut monitored: BTreeSet<MonitorRef> = BTreeSet::new();
    for n in 0..letters {
        let to = receivers[dice.receiver()].lock().unwrap().clone();
        let letter = Letter::new(&tally);
        if dice.next().is_multiple_of(CALLS) {
            match Call::new(&to, |from| Mail::Question(letter, n, from)).no_timeout().await {
                Ok(answer) => {
                    assert_eq!(answer, n + 1);
                    sent.answered += 1;
                }
                Err(CallError::Exited { .. } | CallError::NoProc(_)) => sent.failed += 1,
                Err(error) => panic!("{error}"),
            }
        } else {
            // The letter comes back if the receiver has ended, and is dropped here.
            drop(to.send(Mail::Note(letter)).await);
        }
        if dice.next().is_multiple_of(KILLS) {
            let (new, monitor) = ctx.spawn_monitor(receiver);
            assert!(monitored.insert(monitor));
            let old = std::mem::replace(&mut *receivers[dice.receiver()].lock().unwrap(), new);
            old.exit(ExitReason::Kill);
            sent.killed += 1;
        }
    }
    for place in receivers.iter() {
        let receiver = place.lock().unwrap().clone();
        receiver.exit(ExitReason::Kill);
    }
    // Whichever sender killed them: those that this one started.
    while !monitored.is_empty() {
        let down = down(ctx.receive().await);
        assert_eq!(down.reason, ExitReason::Killed);
        assert!(monitored.remove(&down.monitor), "one `Down` for each monitor");
    }
    sent
}

async fn stress(system: System) {
    let letters =
        std::env::var("OTP_STRESS_MESSAGES").map_or(300_000, |n| n.parse().expect("OTP_STRESS_MESSAGES is a number"));
    let tally: Arc<Tally> = Arc::default();
    let receivers: Receivers = Arc::new((0..RECEIVERS).map(|_| Mutex::new(system.spawn(receiver))).collect());
    let senders = (1..=SENDERS).map(|n| {
        let (receivers, tally) = (receivers.clone(), tally.clone());
        inside(&system, move |ctx| sender(ctx, receivers, tally, letters / SENDERS, n))
    });
    let sent = futures::future::join_all(senders).await;
    let sum = |of: fn(&Sent) -> u64| sent.iter().map(of).sum::<u64>();

    // A sender that was done killed receivers that another one has replaced since.
    for place in receivers.iter() {
        let receiver = place.lock().unwrap().clone();
        receiver.exit(ExitReason::Kill);
        assert_eq!(receiver.exited().await, ExitReason::Killed);
    }
    until(|| system.process_count() == 0).await;
    let (received, dropped) = (tally.received.load(Ordering::Relaxed), tally.dropped.load(Ordering::Relaxed));
    assert_eq!(received + dropped, sum(|sent| sent.letters), "each letter was received or dropped, once");
    assert!(sum(|sent| sent.answered) <= received);
    assert!(sum(|sent| sent.killed) > 0 && sum(|sent| sent.answered) > 0 && received > dropped);
}

#[test]
fn no_message_and_no_exit_is_lost_on_four_threads_of_tokio() {
    TokioExecutor::with_workers(4).run(stress).unwrap();
}

#[test]
fn no_message_and_no_exit_is_lost_on_four_threads_of_smol() {
    SmolExecutor::with_workers(4).run(stress).unwrap();
}

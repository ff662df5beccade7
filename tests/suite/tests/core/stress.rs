//! Processes that send, call, end and kill each other at random on four threads, and on 64. Every message and every exit is
//! accounted for. `OTP_STRESS_MESSAGES` sets the number of messages: see CONTRIBUTING.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use fastrand::Rng;
use otp::process::{MonitorRef, SpawnOptions, TrySendError};
use otp::smol::SmolExecutor;
use otp::tokio::TokioExecutor;
use otp::{Call, CallError, ExitReason, Message, Pid, ProcessContext, ProcessRef, ReplyTo, System};

const MESSAGES: usize = 300_000;
const SENDERS: usize = 8;
const TARGETS: usize = 32;

/// What became of the messages.
#[derive(Debug, Default)]
struct Account {
    sent: AtomicUsize,
    received: AtomicUsize,
    unread: AtomicUsize,
    refused: AtomicUsize,
    calls: AtomicUsize,
    answered: AtomicUsize,
    failed: AtomicUsize,
    spawned: AtomicUsize,
    downs: AtomicUsize,
    exits: AtomicUsize,
}

/// A message that knows what became of it.
struct Letter {
    account: Arc<Account>,
    number: u32,
    from: Option<ReplyTo<u32>>,
    settled: bool,
}

impl Letter {
    fn new(account: &Arc<Account>, number: u32, from: Option<ReplyTo<u32>>) -> Letter {
        account.sent.fetch_add(1, Ordering::Relaxed);
        Letter { account: account.clone(), number, from, settled: false }
    }

    fn receive(mut self) -> (u32, Option<ReplyTo<u32>>) {
        self.account.received.fetch_add(1, Ordering::Relaxed);
        self.settled = true;
        (self.number, self.from.take())
    }

    fn refuse(mut self) {
        self.account.refused.fetch_add(1, Ordering::Relaxed);
        self.settled = true;
    }
}

impl Drop for Letter {
    fn drop(&mut self) {
        if !self.settled {
            self.account.unread.fetch_add(1, Ordering::Relaxed);
        }
    }
}

type Targets = Arc<Vec<Mutex<Option<ProcessRef<Letter>>>>>;

/// Receives, and answers: at once, later, or by another process. Some letters end it.
async fn target(mut ctx: ProcessContext<Letter>) -> ExitReason {
    loop {
        let Message::User(letter) = ctx.receive().await else { continue };
        let (number, from) = letter.receive();
        match (number % 4, from) {
            (0, Some(from)) => {
                otp::process::yield_now().await;
                from.reply(number);
            }
            (1, Some(from)) => {
                ctx.system().spawn(async move |_: ProcessContext<()>| from.reply(number));
                otp::process::yield_now().await;
            }
            (_, Some(from)) => from.reply(number),
            (_, None) => {}
        }
        if number.is_multiple_of(3000) {
            return ExitReason::Normal;
        }
    }
}

/// Starts the targets, and others for those that end, until it is told to stop. Each is linked and monitored, and it
/// has to hear of each end once on both ways, with the same reason.
async fn keep(mut ctx: ProcessContext<()>, targets: Targets, account: Arc<Account>) {
    ctx.trap_exit(true);
    let mut places: HashMap<MonitorRef, (usize, Pid)> = HashMap::new();
    let mut half_told: HashMap<Pid, ExitReason> = HashMap::new();
    let start = |place: usize, places: &mut HashMap<_, _>, ctx: &ProcessContext<()>| {
        let options = SpawnOptions::new().link().monitor();
        let options = if place.is_multiple_of(2) { options.mailbox(64) } else { options };
        let spawned = ctx.spawn_with(options, target).expect("it has no name");
        account.spawned.fetch_add(1, Ordering::Relaxed);
        places.insert(spawned.monitor.expect("it was asked for"), (place, spawned.process.pid()));
        *targets[place].lock().unwrap() = Some(spawned.process);
    };
    (0..TARGETS).for_each(|place| start(place, &mut places, &ctx));
    let mut stops = false;
    while !(stops && places.is_empty() && half_told.is_empty()) {
        let (pid, reason) = match ctx.receive().await {
            Message::User(()) => {
                stops = true;
                places.values().for_each(|(_, pid)| ctx.system().exit(*pid, ExitReason::Kill));
                continue;
            }
            Message::Down(down) => {
                let (place, pid) = places.remove(&down.monitor).expect("each monitor fires once");
                account.downs.fetch_add(1, Ordering::Relaxed);
                if !stops {
                    start(place, &mut places, &ctx);
                }
                (pid, down.reason)
            }
            Message::Exit(exit) => {
                account.exits.fetch_add(1, Ordering::Relaxed);
                (exit.from, exit.reason)
            }
            other => panic!("{other:?}"),
        };
        assert!(matches!(reason, ExitReason::Normal | ExitReason::Shutdown | ExitReason::Killed), "{pid}: {reason}");
        match half_told.remove(&pid) {
            Some(other) => assert_eq!(other, reason, "{pid}"),
            None => drop(half_told.insert(pid, reason)),
        }
    }
    assert!(ctx.try_receive_match(|_| true).is_none(), "nothing else comes");
}

/// Sends `count` messages to targets of its choice, some of them calls, and ends some targets.
async fn send(ctx: ProcessContext<()>, targets: Targets, account: Arc<Account>, count: usize, mut dice: Rng) {
    for _ in 0..count {
        let to = targets[dice.usize(..TARGETS)].lock().unwrap().clone().expect("the keeper has begun");
        let number = dice.u32(1..1_000_000);
        match dice.u32(..512) {
            0 => to.exit(ExitReason::Kill),
            1 => to.exit(ExitReason::Shutdown),
            _ => {}
        }
        match dice.u32(..8) {
            0 => {
                account.calls.fetch_add(1, Ordering::Relaxed);
                let make = |from| Letter::new(&account, number, Some(from));
                match Call::new(&to, make).no_timeout().await {
                    Ok(answer) => {
                        assert_eq!(answer, number);
                        account.answered.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(CallError::Exited { reason, .. }) => {
                        assert!(matches!(reason, ExitReason::Normal | ExitReason::Shutdown | ExitReason::Killed));
                        account.failed.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(CallError::NoProc(_)) => {
                        account.failed.fetch_add(1, Ordering::Relaxed);
                    }
                    Err(error) => panic!("{error}"),
                }
                continue;
            }
            1..4 => match to.try_send(Letter::new(&account, number, None)) {
                Ok(()) => continue,
                Err(TrySendError::NoProc { message, .. } | TrySendError::Full { message, .. }) => message.refuse(),
                Err(error) => panic!("{error}"),
            },
            _ => match to.send(Letter::new(&account, number, None)).await {
                Ok(()) => continue,
                Err(error) => error.into_message().refuse(),
            },
        }
        // Somebody has to start another one.
        ctx.yield_now().await;
    }
}

#[allow(clippy::print_stdout, reason = "`--nocapture` shows the account")]
async fn account_for(system: System, messages: usize) {
    let account = Arc::new(Account::default());
    let targets: Targets = Arc::new((0..TARGETS).map(|_| Mutex::default()).collect());
    let keeper = {
        let (targets, account) = (targets.clone(), account.clone());
        system.spawn(async move |ctx| keep(ctx, targets, account).await)
    };
    otp_suite::until(|| targets.iter().all(|target| target.lock().unwrap().is_some())).await;
    let senders: Vec<_> = (0..SENDERS)
        .map(|seed| {
            let (targets, account) = (targets.clone(), account.clone());
            let dice = Rng::with_seed(seed as u64);
            system.spawn(async move |ctx| send(ctx, targets, account, messages / SENDERS, dice).await)
        })
        .collect();
    for sender in senders {
        assert_eq!(sender.exited().await, ExitReason::Normal);
    }
    keeper.try_send(()).expect("it waits for it");
    assert_eq!(keeper.exited().await, ExitReason::Normal);
    // Processes that answer for others.
    otp_suite::until(|| system.process_count() == 0).await;

    let of = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    println!("{account:?}");
    assert_eq!(of(&account.sent), messages / SENDERS * SENDERS);
    assert_eq!(of(&account.sent), of(&account.received) + of(&account.unread) + of(&account.refused));
    assert_eq!(of(&account.calls), of(&account.answered) + of(&account.failed));
    assert_eq!((of(&account.spawned), of(&account.spawned)), (of(&account.downs), of(&account.exits)));
    assert!(of(&account.spawned) > TARGETS, "some were killed");
}

fn messages() -> usize {
    std::env::var("OTP_STRESS_MESSAGES")
        .map_or(MESSAGES, |number| number.parse().expect("OTP_STRESS_MESSAGES is a number"))
}

#[test]
fn every_message_and_every_exit_is_accounted_for_on_tokio() {
    TokioExecutor::with_workers(4).run(|system| account_for(system, messages())).unwrap();
}

#[test]
fn every_message_and_every_exit_is_accounted_for_on_smol() {
    SmolExecutor::with_workers(4).run(|system| account_for(system, messages())).unwrap();
}

/// More than any machine that runs this has processors: threads are interrupted anywhere.
const THREADS: usize = 64;

#[test]
fn nothing_is_lost_among_many_more_threads_than_processors_on_tokio() {
    TokioExecutor::with_workers(THREADS).run(|system| account_for(system, messages() / 4)).unwrap();
}

#[test]
fn nothing_is_lost_among_many_more_threads_than_processors_on_smol() {
    SmolExecutor::with_workers(THREADS).run(|system| account_for(system, messages() / 4)).unwrap();
}

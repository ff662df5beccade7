//! Rounds in which everything goes wrong that can: processes are killed, panic, and have values that panic when they are
//! dropped or shown; wakers panic; executors are dropped at a random moment. Every exit is told, and everybody who
//! waits hears of it. `OTP_CHAOS_ROUNDS` sets the number of rounds: see CONTRIBUTING.

#![expect(clippy::disallowed_methods, reason = "a thread that is none of the executor's takes part")]

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier, Mutex, mpsc};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use std::{fmt, mem};

use fastrand::Rng;
use futures::FutureExt;
use otp::prelude::*;
use otp::process::{AliasMode, Exited, yield_now};
use otp::runtime::Executor;
use otp::smol::SmolExecutor;
use otp::tokio::TokioExecutor;

const ROUNDS: u64 = 150;
const MOMENT: Duration = Duration::from_micros(200);

/// A value of a user's that panics whenever it can. Not by `panic!`, so that the panic hook does not tell of thousands.
#[derive(PartialEq)]
struct Fuse;

fn explode() -> ! {
    resume_unwind(Box::new("a fuse"))
}

impl Drop for Fuse {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            explode();
        }
    }
}

impl fmt::Debug for Fuse {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        explode()
    }
}

#[derive(Debug)]
struct Error(Fuse);

impl fmt::Display for Error {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        explode()
    }
}

impl std::error::Error for Error {}

/// Panics when it wakes, and notes that it did.
#[derive(Default)]
struct Alarm(AtomicBool);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
        explode();
    }
}

enum Word {
    Ask(ReplyTo<u32>),
    Tell(Fuse),
}

/// All processes of a round.
#[derive(Clone, Default)]
struct World(Arc<Mutex<Vec<ProcessRef<Word>>>>);

impl World {
    fn add(&self, process: ProcessRef<Word>) {
        self.0.lock().unwrap().push(process);
    }

    fn any(&self, dice: &mut Rng) -> ProcessRef<Word> {
        let all = self.0.lock().unwrap();
        all[dice.usize(..all.len())].clone()
    }

    fn all(&self) -> Vec<ProcessRef<Word>> {
        self.0.lock().unwrap().clone()
    }

    fn start(&self, system: &System, dice: &mut Rng, link: bool) {
        let mut options = SpawnOptions::new().trap_exit(dice.u8(..8) == 0);
        if dice.bool() {
            options = options.mailbox(2);
        }
        if link {
            options = options.link().monitor();
        }
        let (world, dice) = (self.clone(), dice.fork());
        self.add(system.spawn_with(options, async |ctx| live(ctx, world, dice).await).unwrap().process);
    }
}

fn reason(dice: &mut Rng) -> ExitReason {
    match dice.u8(..6) {
        0 => ExitReason::Kill,
        1 => ExitReason::Shutdown,
        2 => ExitReason::Normal,
        3 => ExitReason::other(Fuse),
        4 => ExitReason::shutdown_with(Fuse),
        _ => Error(Fuse).into(),
    }
}

/// Polls once, under a waker that panics, perhaps at once. Not what sets a timer: that would be in the executor's hands.
fn poll_alarmed<F: Future>(future: Pin<&mut F>) -> Poll<F::Output> {
    let waker = Waker::from(Arc::new(Alarm::default()));
    let polled = catch_unwind(AssertUnwindSafe(|| future.poll(&mut Context::from_waker(&waker))));
    polled.unwrap_or(Poll::Pending)
}

async fn live(mut ctx: ProcessContext<Word>, world: World, mut dice: Rng) -> ExitReason {
    let _fuse = dice.bool().then_some(Fuse);
    let mut kept = Vec::new();
    let system = ctx.system().clone();
    for _ in 0..dice.u8(..40) {
        let peer = world.any(&mut dice);
        match dice.u8(..18) {
            0 => peer.exit(reason(&mut dice)),
            1 if dice.bool() => explode(),
            2 if dice.bool() => return reason(&mut dice),
            3 => drop(Call::new(&peer, Word::Ask).timeout(MOMENT).await),
            4 => drop(Call::new(&peer, Word::Ask).await),
            5 => {
                let mut call = Box::pin(Call::new(&peer, Word::Ask).no_timeout());
                let _ = poll_alarmed(call.as_mut());
                if dice.bool() {
                    mem::forget(call);
                }
            }
            6 => drop(peer.try_send(Word::Tell(Fuse))),
            7 => drop(peer.send(Word::Tell(Fuse)).await),
            8 => world.start(&system, &mut dice, true),
            9 => drop(ctx.link(peer.pid())),
            10 => drop(ctx.trap_exit(dice.bool())),
            11 => drop(ctx.monitor(&peer)),
            12 => match ctx.receive().await {
                Message::User(Word::Ask(from)) if dice.bool() => from.reply(1),
                Message::User(Word::Ask(from)) if dice.bool() => kept.push(from),
                other => drop(other),
            },
            13 => drop(ctx.receive_timeout(MOMENT).await),
            14 => {
                let mut receive = pin!(ctx.receive());
                let _ = poll_alarmed(receive.as_mut());
                yield_now().await;
            }
            15 => drop(system.send_after(MOMENT, &peer, Word::Tell(Fuse))),
            16 => ctx.alias(AliasMode::Reply).send(Word::Tell(Fuse)),
            _ => {
                let other = system.spawn(async move |_: ProcessContext<()>| mem::drop(kept));
                kept = Vec::new();
                drop(other);
            }
        }
    }
    ExitReason::Normal
}

/// What somebody outside waits for, under a waker that panics.
struct Outside {
    exits: Vec<(Exited, Arc<Alarm>)>,
    calls: Vec<Call<Word, u32>>,
}

impl Outside {
    fn of(world: &World) -> Outside {
        let mut outside = Outside { exits: Vec::new(), calls: Vec::new() };
        for process in world.all() {
            let (mut exited, alarm) = (process.exited(), Arc::new(Alarm::default()));
            if exited.poll_unpin(&mut Context::from_waker(&Waker::from(alarm.clone()))).is_pending() {
                outside.exits.push((exited, alarm));
            }
            let mut call = Call::new(&process, Word::Ask).no_timeout();
            if poll_alarmed(Pin::new(&mut call)).is_pending() {
                outside.calls.push(call);
            }
        }
        outside
    }

    /// All have ended.
    fn check(self, seed: u64) {
        for (mut exited, alarm) in self.exits {
            match (&mut exited).now_or_never() {
                Some(_) => assert!(alarm.0.load(Ordering::SeqCst), "seed {seed}: one who waits was not woken"),
                // From here on it is not the alarm that is woken.
                None => assert!(comes(exited), "seed {seed}: an exit was not told"),
            }
        }
        for call in self.calls {
            // One that was not sent, since others were to run first, is now.
            assert!(comes(call), "seed {seed}: a call was not answered");
        }
    }
}

/// Whether a future becomes ready. A thread of the backend's own, such as one for timers, may be about to wake a process that
/// it finds without an executor, and tells of its end then.
fn comes(mut future: impl Future<Output: Send> + Send + Unpin + 'static) -> bool {
    if (&mut future).now_or_never().is_some() {
        return true;
    }
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        futures::executor::block_on(future);
        tell.send(())
    });
    told.recv_timeout(Duration::from_secs(60)).is_ok()
}

fn run_round<E: Executor>(executor: E, seed: u64) {
    let mut dice = Rng::with_seed(seed);
    let system = System::on(executor.runtime());
    system.log_crashes(false);
    let world = World::default();
    let first = system.spawn(otp_suite::forever::<Word>);
    world.add(first);
    (0..dice.u8(2..10)).for_each(|_| world.start(&system, &mut dice, false));
    let outside = Outside::of(&world);
    let (is_dropped, moment) = (dice.bool(), dice.u32(..200));

    let together = Arc::new(Barrier::new(2));
    let killer = {
        let (world, together, mut dice) = (world.clone(), together.clone(), dice.fork());
        std::thread::spawn(move || {
            together.wait();
            for _ in 0..20 {
                let process = world.any(&mut dice);
                // A message that comes back panics here.
                let _ = catch_unwind(AssertUnwindSafe(|| match dice.bool() {
                    true => process.exit(reason(&mut dice)),
                    false => drop(process.try_send(Word::Tell(Fuse))),
                }));
            }
        })
    };
    let main = async {
        if is_dropped {
            for _ in 0..moment {
                yield_now().await;
            }
        } else {
            // Others may be started meanwhile.
            while system.process_count() > 0 {
                for process in world.all() {
                    process.exit(ExitReason::Kill);
                    let heard = system.timeout(Duration::from_secs(60), process.exited()).await;
                    assert!(heard.is_ok(), "seed {seed}: the exit of {process:?} is not told");
                }
                yield_now().await;
            }
        }
    };
    if !is_dropped {
        together.wait();
    }
    executor.block_on(pin!(main)).unwrap();
    if is_dropped {
        together.wait();
    }
    // Its threads may still be telling of an end.
    drop(executor);
    killer.join().unwrap();

    outside.check(seed);
    for process in world.all() {
        assert!(comes(process.exited()), "seed {seed}: {process:?} has not ended");
    }
    assert_eq!((system.process_count(), system.registered().len()), (0, 0), "seed {seed}");
}

fn rounds<E: Executor>(executor: impl Fn() -> E) {
    let number = |name, or| std::env::var(name).map_or(or, |number| number.parse().expect("a number of rounds"));
    let (rounds, from) = (number("OTP_CHAOS_ROUNDS", ROUNDS), number("OTP_CHAOS_FROM", 0));
    (from..from + rounds).for_each(|seed| run_round(executor(), seed));
}

#[test]
fn every_exit_is_told_in_chaos_on_tokio() {
    rounds(|| TokioExecutor::with_workers(2));
}

#[test]
fn every_exit_is_told_in_chaos_on_one_thread_of_tokio() {
    rounds(TokioExecutor::current_thread);
}

#[test]
fn every_exit_is_told_in_chaos_on_smol() {
    rounds(|| SmolExecutor::with_workers(2));
}

#[test]
fn every_exit_is_told_in_chaos_on_one_thread_of_smol() {
    rounds(|| SmolExecutor::with_workers(0));
}

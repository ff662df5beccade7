//! Pools whose borrowers and workers are killed at random: no worker is lost, and none is handed out twice.
//!
//! `OTP_POOL_SECONDS=60 cargo test --release -p otp-suite --test registry pool_chaos::` does so for a minute.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fastrand::Rng;
use otp::prelude::*;
use otp::registry::Pool;
use otp::registry::pool::{Borrowed, CheckoutError, OnBorrowerDeath, PoolRef};
use otp::sim::{Config, Faults, check, set_faults};
use otp::smol::SmolExecutor;
use otp::tokio::TokioExecutor;

use super::pool::{Tool, ToolClient, Tools, is_whole, settled};

/// Who has which worker, as the borrowers know it.
#[derive(Clone, Default)]
struct Hands(Arc<Mutex<HashSet<Pid>>>);

/// A worker in a borrower's hands. The hand is open before the pool gets the worker back.
struct InHand {
    hands: Hands,
    pid: Pid,
    tool: Option<Borrowed<ServerRef<Tool>>>,
}

impl Hands {
    fn take(&self, tool: Borrowed<ServerRef<Tool>>) -> InHand {
        let pid = tool.pid();
        assert!(self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(pid), "{pid} was handed out twice");
        InHand { hands: self.clone(), pid, tool: Some(tool) }
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.hands.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.pid);
        self.tool = None;
    }
}

/// What a run saw.
#[derive(Default)]
struct Account {
    borrowed: AtomicU64,
    refused: AtomicU64,
    killed_borrowers: AtomicU64,
    killed_workers: AtomicU64,
    a_borrower_failed: AtomicBool,
}

const SIZE: usize = 3;

fn pool(on_death: OnBorrowerDeath) -> Pool<ServerRef<Tool>> {
    let healthy = async |tool: ServerRef<Tool>| tool.work().await.map(drop);
    let spec = Tool::child(()).with(|start| start.label("tool"));
    Pool::new(spec).size(SIZE).overflow(2).queue(20).on_borrower_death(on_death).health(healthy)
}

/// Borrows again and again, in each of the ways there are, and gives up now and then.
async fn borrow(pool: &Tools, hands: &Hands, account: &Account, rng: &mut Rng, system: &System) {
    let limit = Duration::from_micros(rng.u64(0..3_000));
    let checkout = match rng.u8(0..4) {
        0 => pool.try_checkout().await,
        1 => match system.timeout(limit, pool.checkout().into_future()).await {
            Ok(borrowed) => borrowed,
            Err(_) => return,
        },
        _ => pool.checkout().timeout(limit).await,
    };
    let Ok(tool) = checkout else {
        account.refused.fetch_add(1, Ordering::Relaxed);
        return;
    };
    account.borrowed.fetch_add(1, Ordering::Relaxed);
    let hand = hands.take(tool);
    let tool = hand.tool.as_ref().expect("it is there");
    match rng.u8(0..8) {
        0 => otp::process::yield_now().await,
        1 => system.sleep(limit).await,
        _ => drop(tool.work().await),
    }
    match rng.u8(0..32) {
        0 => {
            let pid = hand.pid;
            hand.hands.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&pid);
            let mut hand = hand;
            hand.tool.take().expect("it is there").discard();
            // Not to be removed from the hands of the next borrower.
            std::mem::forget(hand);
        }
        _ => drop(hand),
    }
}

fn is_a_party(info: &otp::process::ProcessInfo) -> bool {
    matches!(info.label.as_ref().map(|label| label.as_str()), Some("tool" | "borrower"))
}

fn killed_on_many_seeds(on_death: OnBorrowerDeath) {
    let faults =
        Faults::none().kill(40).pause(200, Duration::from_millis(3)).delay_message(20, Duration::from_millis(1));
    let config = Config::new().seeds(200).faults(faults.only(is_a_party).at_most(12)).shrink(100);
    check(config, |system: System| killed_at_random(system, on_death));
}

async fn killed_at_random(system: System, on_death: OnBorrowerDeath) {
    set_faults(false);
    let (hands, account) = (Hands::default(), Arc::new(Account::default()));
    let pool = pool(on_death).start(&system).await.unwrap();
    set_faults(true);
    let mut borrowers = Vec::new();
    for number in 0..6 {
        let (pool, hands, account) = (pool.clone(), hands.clone(), account.clone());
        let options = SpawnOptions::new().label("borrower");
        let body = async move |ctx: ProcessContext<()>| {
            let mut rng = Rng::with_seed(number);
            for _ in 0..8 {
                borrow(&pool, &hands, &account, &mut rng, ctx.system()).await;
            }
        };
        borrowers.extend(system.spawn_with(options, body).map(|spawned| spawned.process));
    }
    for borrower in borrowers {
        let reason = borrower.exited().await;
        assert!(matches!(reason, ExitReason::Normal | ExitReason::Killed), "{reason}");
    }
    set_faults(false);
    is_whole(&system, &pool, SIZE).await;
}

#[test]
fn no_worker_is_lost_or_lent_twice_when_borrowers_and_workers_are_killed() {
    killed_on_many_seeds(OnBorrowerDeath::CheckIn);
}

#[test]
fn no_worker_is_lost_or_lent_twice_when_workers_of_dead_borrowers_are_replaced() {
    killed_on_many_seeds(OnBorrowerDeath::Replace);
}

/// Borrowers on real threads, which are killed at random, and so are workers.
async fn storm(system: System, seconds: f64) -> (Arc<Account>, otp::registry::pool::PoolStatus) {
    const BORROWERS: u64 = 24;
    let (hands, account) = (Hands::default(), Arc::new(Account::default()));
    let pool: PoolRef<ServerRef<Tool>> = pool(OnBorrowerDeath::CheckIn).start(&system).await.unwrap();
    let deadline = system.now() + Duration::from_secs_f64(seconds);
    let mut rng = Rng::new();
    let spawn = |seed: u64| {
        let (pool, hands, account) = (pool.clone(), hands.clone(), account.clone());
        system.spawn(async move |ctx: ProcessContext<()>| {
            let mut rng = Rng::with_seed(seed);
            while ctx.system().now() < deadline {
                borrow(&pool, &hands, &account, &mut rng, ctx.system()).await;
            }
        })
    };
    let mut borrowers: Vec<ProcessRef<()>> = (0..BORROWERS).map(&spawn).collect();
    while system.now() < deadline {
        system.sleep(Duration::from_micros(500)).await;
        let victim = rng.usize(..borrowers.len());
        borrowers[victim].exit(ExitReason::Kill);
        let reason = borrowers[victim].exited().await;
        let expected = matches!(reason, ExitReason::Normal | ExitReason::Killed);
        account.a_borrower_failed.fetch_or(!expected, Ordering::Relaxed);
        account.killed_borrowers.fetch_add(1, Ordering::Relaxed);
        borrowers[victim] = spawn(rng.u64(..));
        if rng.u8(0..4) == 0 {
            let held: Option<Pid> = {
                let hands = hands.0.lock().unwrap_or_else(PoisonError::into_inner);
                hands.iter().next().copied()
            };
            if let Some(worker) = held {
                system.exit(worker, ExitReason::Kill);
                account.killed_workers.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
    for borrower in borrowers {
        let reason = borrower.exited().await;
        assert_eq!(reason, ExitReason::Normal);
    }
    assert!(!account.a_borrower_failed.load(Ordering::Relaxed), "a borrower has seen a worker in two hands");
    let status = settled(&system, &pool, |status| status.idle == SIZE && status.total == SIZE).await;
    is_whole(&system, &pool, SIZE).await;
    assert!(matches!(pool.stop().await, Ok(())));
    assert!(matches!(pool.checkout().await, Err(CheckoutError::Call(_))));
    (account, status)
}

#[expect(clippy::print_stderr, reason = "the figures of a long run, for whoever asked for it")]
fn report(backend: &str, seconds: f64, (account, status): &(Arc<Account>, otp::registry::pool::PoolStatus)) {
    let count = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
    eprintln!(
        "{backend}, {seconds} s: {} borrowed, {} refused, {} borrowers and {} workers killed, {} workers started, {} timeouts",
        count(&account.borrowed),
        count(&account.refused),
        count(&account.killed_borrowers),
        count(&account.killed_workers),
        status.started,
        status.timeouts,
    );
}

fn seconds() -> f64 {
    std::env::var("OTP_POOL_SECONDS").ok().and_then(|text| text.parse().ok()).unwrap_or(1.0)
}

#[test]
fn no_worker_is_lost_or_lent_twice_in_a_storm_on_tokio() {
    let executor = TokioExecutor::with_workers(4);
    report("tokio", seconds(), &executor.run(async |system| storm(system, seconds()).await).unwrap());
}

#[test]
fn no_worker_is_lost_or_lent_twice_in_a_storm_on_smol() {
    let executor = SmolExecutor::with_workers(4);
    report("smol", seconds(), &executor.run(async |system| storm(system, seconds()).await).unwrap());
}

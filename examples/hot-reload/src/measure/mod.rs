//! What it costs to swap the code of a server under load, and whether it goes right.
//!
//! Some processes call one server, each as fast as it can, while its code is swapped again and again. Each call adds one to
//! the caller's own count, and is answered with the count and the release of the code. So each answer can be checked:
//!
//! - **lost** is a call without an answer;
//! - **wrong** is an answer whose count is not one more than the one before (a call was lost, or done twice), or whose
//!   release is not one that was in use at some time between the call and the answer.
//!
//! The longest pause is the longest time that a call has taken, on the clock of the caller: that of its turn to run, too.

mod plain;
mod plugged;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::StreamExt;
use futures::channel::mpsc;
use otp::prelude::*;

use plain::Plain;
use plugged::Plugins;

/// What the server is to bear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Load {
    /// How many processes call it.
    pub callers: usize,
    /// For how long.
    pub length: Duration,
    /// How long from one swap to the next.
    pub every: Duration,
}

impl Default for Load {
    fn default() -> Self {
        Self { callers: 8, length: Duration::from_secs(5), every: Duration::from_millis(10) }
    }
}

/// What has come of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outcome {
    /// Calls that were answered.
    pub calls: u64,
    /// How long it took.
    pub length: Duration,
    /// How often the code was swapped.
    pub swaps: u64,
    /// Calls without an answer.
    pub lost: u64,
    /// Answers that cannot be right.
    pub wrong: u64,
    /// The longest time that a call took.
    pub longest: Duration,
    /// The longest time that a swap took.
    pub longest_swap: Duration,
}

impl Outcome {
    /// Whether no call was lost, and none answered wrongly.
    #[must_use]
    pub fn is_right(&self) -> bool {
        (self.lost, self.wrong) == (0, 0)
    }

    /// Calls in a second.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.calls as f64 / self.length.as_secs_f64()
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { calls, swaps, lost, wrong, longest, longest_swap, .. } = self;
        write!(f, "{swaps} swaps, {calls} calls, {:.0} a second: {lost} lost, {wrong} wrong, ", self.rate())?;
        write!(f, "longest call {longest:.1?}, longest swap {longest_swap:.1?}")
    }
}

/// Something whose code is swapped between two releases.
trait Subject: Send + Sync + 'static {
    /// The release after so many swaps.
    fn release(&self, swaps: u64) -> u64;

    /// Adds one to the count of a caller. Returns the release that did it, and the count.
    fn add(&self, caller: usize) -> impl Future<Output = Result<(u64, u64), String>> + Send;

    /// Swaps the code, for this time.
    fn swap(&self, swaps: u64) -> impl Future<Output = Result<(), String>> + Send;
}

/// As [`swapping`], without any swap: to compare.
///
/// # Errors
///
/// If the server does not start.
pub async fn undisturbed(system: &System, load: &Load, plugins: Option<&[PathBuf; 2]>) -> Result<Outcome, String> {
    swapping(system, &Load { every: load.length, ..load.clone() }, plugins).await
}

/// Swaps the code of a server under load: between two types, or between two plugins.
///
/// # Errors
///
/// If the server does not start, or a swap fails.
pub async fn swapping(system: &System, load: &Load, plugins: Option<&[PathBuf; 2]>) -> Result<Outcome, String> {
    match plugins {
        None => run(system, load, Plain::start(system, load.callers).await?).await,
        Some(plugins) => run(system, load, Plugins::start(system, plugins).await?).await,
    }
}

async fn run<S: Subject>(system: &System, load: &Load, subject: S) -> Result<Outcome, String> {
    let run =
        Arc::new(Run { subject, begun: AtomicU64::new(0), done: AtomicU64::new(0), over: AtomicBool::new(false) });
    let (sender, outcomes) = mpsc::unbounded();
    let start = system.now();
    for caller in 0..load.callers {
        let (run, sender) = (run.clone(), sender.clone());
        system.spawn(async move |ctx: ProcessContext<NoMessage>| {
            let outcome = run.call(ctx.system(), caller).await;
            drop(run);
            let _ = sender.unbounded_send(outcome);
        });
    }
    drop(sender);
    let swapped = run.swap_until(system, start + load.length, load.every).await;
    run.over.store(true, Ordering::Relaxed);
    let outcomes: Vec<_> = outcomes.collect().await;
    let mut whole = swapped?;
    whole.length = system.now() - start;
    // A caller that has crashed has lost its calls.
    whole.lost += (load.callers - outcomes.len()) as u64;
    for outcome in outcomes {
        whole.calls += outcome.calls;
        whole.lost += outcome.lost;
        whole.wrong += outcome.wrong;
        whole.longest = whole.longest.max(outcome.longest);
    }
    Ok(whole)
}

/// What callers and the one who swaps share.
struct Run<S> {
    subject: S,
    /// How many swaps were begun, and how many are done.
    begun: AtomicU64,
    done: AtomicU64,
    over: AtomicBool,
}

impl<S: Subject> Run<S> {
    async fn call(&self, system: &System, caller: usize) -> Outcome {
        let (mut outcome, mut count) = (Outcome::default(), 0);
        while !self.over.load(Ordering::Relaxed) {
            let (before, start) = (self.done.load(Ordering::SeqCst), system.now());
            let answer = self.subject.add(caller).await;
            outcome.longest = outcome.longest.max(system.now() - start);
            match answer {
                Ok((release, counted)) => {
                    let mut possible = before..=self.begun.load(Ordering::SeqCst);
                    count += 1;
                    outcome.calls += 1;
                    outcome.wrong +=
                        u64::from(counted != count || !possible.any(|n| self.subject.release(n) == release));
                }
                Err(_) => outcome.lost += 1,
            }
        }
        outcome
    }

    async fn swap_until(
        &self,
        system: &System,
        end: otp::runtime::Instant,
        every: Duration,
    ) -> Result<Outcome, String> {
        let mut outcome = Outcome::default();
        loop {
            let next = system.now() + every;
            system.sleep_until(next.min(end)).await;
            if next >= end {
                return Ok(outcome);
            }
            outcome.swaps += 1;
            let start = system.now();
            self.begun.store(outcome.swaps, Ordering::SeqCst);
            self.subject.swap(outcome.swaps).await?;
            self.done.store(outcome.swaps, Ordering::SeqCst);
            outcome.longest_swap = outcome.longest_swap.max(system.now() - start);
        }
    }
}

use std::process::Termination;

use otp_core::System;

use crate::attempt::attempt;
use crate::check::{Checked, heard, replay};
use crate::config::Config;
use crate::failed::Failed;
use crate::policy::{Bounds, Explorer};
use crate::state::Plan;

/// The bounds of [`explore`]: which of all possible runs it tries.
#[derive(Clone, Debug)]
#[must_use]
pub struct Explore {
    config: Config,
    bounds: Bounds,
    runs: u64,
}

impl Explore {
    /// Makes bounds that allow all runs, but at most 100,000.
    pub fn new() -> Explore {
        Explore { config: Config::new(), bounds: Bounds::default(), runs: 100_000 }
    }

    /// Sets the configuration of the runs. The policy is ignored, and faults are those of the first seed.
    pub fn config(mut self, config: Config) -> Explore {
        self.config = config;
        self
    }

    /// Limits runs to at most `most` preemptions, at which a task that could continue has to wait. Most bugs need few:
    /// Musuvathi and Qadeer, "Iterative Context Bounding for Systematic Testing of Multithreaded Programs", PLDI 2007.
    pub fn preemptions(mut self, most: u32) -> Explore {
        self.bounds.preemptions = Some(most);
        self
    }

    /// Sets the maximum number of runs.
    pub fn runs(mut self, most: u64) -> Explore {
        self.runs = most;
        self
    }
}

impl Default for Explore {
    fn default() -> Explore {
        Explore::new()
    }
}

/// The result of [`explore`]: the number of runs, none of which failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Explored {
    /// The number of runs.
    pub runs: u64,
    /// Whether all possible runs within the bound of preemptions were tried.
    pub complete: bool,
}

/// Runs a small program in every possible order of its tasks, and with its calls inline or not (exhaustive testing).
///
/// The number of runs grows exponentially with the number of steps: use it for a handful of processes that send each
/// other a handful of messages.
///
/// ```
/// use otp::{Message, ProcessContext};
///
/// let explored = otp::sim::explore(otp::sim::Explore::new(), async |system| {
///     let adder = system.spawn(async |mut ctx: ProcessContext<u32>| {
///         let mut sum = 0;
///         for _ in 0..2 {
///             sum += ctx.receive().await.user().unwrap();
///         }
///         otp::ExitReason::other(sum)
///     });
///     for n in [1, 2] {
///         let adder = adder.clone();
///         system.spawn(async move |_: ProcessContext<()>| adder.try_send(n).unwrap());
///     }
///     assert_eq!(adder.exited().await, otp::ExitReason::other(3_u32));
/// });
/// // For each order of the two senders: the adder runs first, and then between the senders or after both; or it yields
/// // before it takes the first message, and continues before or after the second sender; or it runs last.
/// assert_eq!((explored.complete, explored.runs), (true, 2 * (2 + 2 + 1)));
/// ```
///
/// The environment variables `OTP_SIM_REPLAY` and `OTP_SIM_TRACE` have the same effect as in [`check`](crate::check);
/// the others are ignored.
///
/// # Panics
///
/// With the report of the first [failure](Failed); or if the variable cannot be parsed.
pub fn explore<F, Fut>(explore: Explore, body: F) -> Explored
where
    F: Fn(System) -> Fut,
    Fut: Future<Output: Termination>,
{
    try_explore(explore, body).unwrap_or_else(|failed| panic!("{failed}"))
}

/// Runs a small program in every possible order, like [`explore`], but returns the report of a failure.
///
/// # Errors
///
/// [`Failed`], for the first run that fails; of all such runs one that preempts late.
///
/// # Panics
///
/// If the variable `OTP_SIM_REPLAY` cannot be parsed.
pub fn try_explore<F, Fut>(explore: Explore, body: F) -> Result<Explored, Box<Failed>>
where
    F: Fn(System) -> Fut,
    Fut: Future<Output: Termination>,
{
    let Explore { config, bounds, runs: most } = explore;
    let config = heard(config);
    let seed = config.first_seed;
    let mut explorer = Explorer::first(bounds);
    let mut checked = Checked::default();
    if let Some(replayed) = replay(&config, &body) {
        return replayed.map(|_| Explored { runs: 1, complete: false });
    }
    for runs in 1..=most {
        let run = attempt(seed, &config, Plan::Explore(explorer), true, &body);
        checked.count(&run);
        if let Err(failure) = &run.result {
            return Err(Box::new(Failed { by_seed: false, ..Failed::of(&run, failure.clone(), checked) }));
        }
        match run.explorer.and_then(Explorer::following) {
            Some(next) => explorer = next,
            None => return Ok(Explored { runs, complete: true }),
        }
    }
    Ok(Explored { runs: most, complete: false })
}

//! Loom models: all interleavings of small programs, up to a number of preemptions, on the real code of this crate.
//!
//! Run them with the command in CONTRIBUTING: the types of `crate::sync` are then those of loom, and the other unit
//! tests do not run. Loom detects data races, locks that are held twice, lost wake-ups (all threads sleep: a deadlock)
//! and leaks; each model asserts its other promises. A preemption is a switch away from a thread that could have
//! continued: most bugs need one or two, and a bound on them keeps the longer models to seconds.

mod at_once;
mod deadlock;
mod end;
mod executor;
mod hand_over;
mod inline;
mod mailbox;
mod run_lock;
mod slot;

/// Tries `model` with all interleavings that have at most `preemptions`; with all interleavings for `None`.
/// `LOOM_MAX_PREEMPTIONS` overrides the bound.
fn explore(preemptions: Option<usize>, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(preemptions);
    builder.max_branches = 10_000;
    builder.check(model);
}

//! All interleavings of small programs, up to a number of preemptions, on the real code of this crate; loom tries them.
//!
//! Run with the command in CONTRIBUTING: the types of `crate::sync` are loom's then, and the other unit tests do not
//! run. Loom looks for data races, locks held twice, lost wake-ups (everybody sleeps: a deadlock) and leaks; what else a
//! model promises it asserts. A preemption is a switch away from a thread that could have gone on: most bugs need
//! one or two, and a bound on them keeps the longer models to seconds.

mod end;
mod executor;
mod inline;
mod mailbox;
mod run_lock;
mod slot;

/// Tries `model` with all interleavings that have at most `preemptions`; with all there are, if that is `None`.
/// `LOOM_MAX_PREEMPTIONS` overrules it.
fn explore(preemptions: Option<usize>, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = builder.preemption_bound.or(preemptions);
    builder.max_branches = 10_000;
    builder.check(model);
}

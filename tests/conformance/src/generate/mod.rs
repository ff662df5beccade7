//! Random scenarios, each from its seed, whose traces are determined.
//!
//! Every step has one cause. Where several processes act at the same time, the step is marked as unordered, and what
//! they do does not depend on who comes first. Nothing is timed, except with a margin of hundreds of milliseconds.

mod agents;
mod applications;
mod dice;
mod events;
mod groups;
mod machines;
mod processes;
mod registry;
mod servers;
mod sys;
mod tables;
mod tasks;
mod tree;
mod workers;

use serde_json::{Value, json};

use dice::Dice;

/// What a random scenario is about, which tags it needs beside those of all, and what makes its steps.
type Kind = (&'static str, &'static [&'static str], fn(Dice) -> Vec<Value>);

const KINDS: [Kind; 12] = [
    ("processes", &[], processes::steps),
    ("servers", &["continue", "gs_timeout", "send_request", "sys", "timers", "alias"], servers::steps),
    ("tree", &["supervisor", "auto_shutdown", "dynamic"], tree::steps),
    ("machines", &["statem", "send_request", "sys"], machines::steps),
    ("tasks", &["elixir", "task"], tasks::steps),
    ("agents", &["supervisor", "elixir", "agent"], agents::steps),
    ("registry", &["elixir", "registry"], registry::steps),
    ("groups", &["pg"], groups::steps),
    ("sys", &["sys", "sys2", "statem", "send_request", "continue", "gs_timeout", "supervisor"], sys::steps),
    ("tables", &["ets"], tables::steps),
    ("events", &["event", "sys"], events::steps),
    ("applications", &["supervisor", "application"], applications::steps),
];

/// Whether there are random scenarios about this.
pub fn is_kind(name: &str) -> bool {
    KINDS.iter().any(|(kind, ..)| *kind == name)
}

/// The scenario of a seed, as a file would hold it: about one of these kinds, or about any if none is named.
pub fn scenario(seed: u64, about: &[String]) -> Value {
    let mut dice = Dice::new(seed);
    let wanted = |(kind, ..): &Kind| about.is_empty() || about.iter().any(|name| name == kind);
    let kinds: Vec<Kind> = KINDS.into_iter().filter(wanted).collect();
    let (kind, needs, make) = dice.pick(&kinds);
    let requires: Vec<&str> = ["process", "genserver"].into_iter().chain(needs.iter().copied()).collect();
    json!({
        "name": format!("{kind}_{seed:06}"),
        "title": format!("a random scenario about {kind}, seed {seed}"),
        "requires": requires,
        "steps": make(dice),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Loaded;

    #[test]
    fn every_seed_gives_a_valid_scenario_and_always_the_same() {
        for seed in 0..500 {
            let one = scenario(seed, &[]);
            let loaded = Loaded::from_json(&one);
            assert!(matches!(loaded, Ok(Loaded::Scenario(_))), "seed {seed}: {loaded:?}");
            assert_eq!(one, scenario(seed, &[]));
        }
    }
}

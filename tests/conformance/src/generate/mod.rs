//! Random scenarios, each from its seed, whose traces are determined.
//!
//! Every step has one cause. Where several processes act at the same time, the step is marked as unordered, and what
//! they do does not depend on who comes first. Nothing is timed, except with a margin of hundreds of milliseconds.

mod agents;
mod dice;
mod groups;
mod processes;
mod registry;
mod servers;
mod tasks;
mod tree;
mod workers;

use serde_json::{Value, json};

use dice::Dice;

/// The scenario of a seed, as a file would hold it.
pub fn scenario(seed: u64) -> Value {
    let mut dice = Dice::new(seed);
    // Before any other throw, so that the scenarios of the other seeds stay what they are.
    if seed % 5 == 4 {
        let steps = tasks::steps(dice);
        return json!({
            "name": format!("tasks_{seed:06}"),
            "title": format!("a random scenario about tasks, seed {seed}"),
            "requires": ["process", "elixir", "task"],
            "steps": steps,
        });
    }
    let (kind, needs, steps) = match dice.below(4) {
    let (kind, needs, steps) = match dice.below(6) {
    let (kind, needs, steps) = match dice.below(5) {
        0 => ("processes", vec![], processes::steps(dice)),
        1 => {
            ("servers", vec!["continue", "gs_timeout", "send_request", "sys", "timers", "alias"], servers::steps(dice))
        }
        2 => ("agents", vec!["supervisor", "elixir", "agent"], agents::steps(dice)),
        3 => ("groups", vec!["pg"], groups::steps(dice)),
        2 => ("registry", vec!["elixir", "registry"], registry::steps(dice)),
        _ => ("tree", vec!["supervisor", "auto_shutdown", "dynamic"], tree::steps(dice)),
    };
    let requires: Vec<&str> = ["process", "genserver"].into_iter().chain(needs).collect();
    json!({
        "name": format!("{kind}_{seed:06}"),
        "title": format!("a random scenario about {kind}, seed {seed}"),
        "requires": requires,
        "steps": steps,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Loaded;

    #[test]
    fn every_seed_gives_a_valid_scenario_and_always_the_same() {
        for seed in 0..500 {
            let one = scenario(seed);
            let loaded = Loaded::from_json(&one);
            assert!(matches!(loaded, Ok(Loaded::Scenario(_))), "seed {seed}: {loaded:?}");
            assert_eq!(one, scenario(seed));
        }
    }
}

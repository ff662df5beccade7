//! New random scenarios, on a real BEAM and on the library.

mod beam;
mod shrink;

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;

use crate::backend::Backend;
use crate::generate;
use crate::language::Loaded;
use crate::trace::{Difference, first_difference};
pub use beam::{Beam, BeamError};
pub use shrink::shrink;

/// What came of one seed.
#[derive(Clone, Debug)]
pub enum Finding {
    /// The traces are the same.
    Agrees,
    /// They differ, each time in the same way.
    Differs(Differing),
    /// They differ, but the BEAM's is not the same each time: the scenario leaves open what happens.
    Undetermined(Differing),
    /// They differ, and only the library's is not the same each time.
    Wavers(Differing),
    /// Only one of them has a trace; the text says why the other has none.
    NoTrace(Value, String),
    /// Neither has a trace: the scenario cannot be carried on.
    Invalid,
}

/// A scenario on which BEAM and library differ.
#[derive(Clone, Debug)]
pub struct Differing {
    /// The scenario.
    pub scenario: Value,
    /// The first difference.
    pub difference: Difference,
}

/// How often both are asked again when they differ.
const AGAIN: usize = 3;
/// How many scenarios the library runs at the same time.
const AT_A_TIME: usize = 8;

/// Compares BEAM and library on the scenarios of some seeds.
///
/// # Errors
///
/// [`BeamError`] if the BEAM cannot be asked.
pub fn compare(
    beam: &Beam,
    backend: Backend,
    seeds: impl Iterator<Item = u64>,
    about: &[String],
) -> Result<Vec<Finding>, BeamError> {
    let scenarios: Vec<Value> = seeds.map(|seed| generate::scenario(seed, about)).collect();
    let theirs = beam.traces(&scenarios)?;
    let ours = traces(backend, &scenarios);
    let mut findings = Vec::new();
    for ((scenario, theirs), ours) in scenarios.into_iter().zip(theirs).zip(ours) {
        findings.push(match (theirs, ours) {
            (Ok(theirs), Ok(ours)) => match first_difference(&theirs, &ours) {
                None => Finding::Agrees,
                Some(difference) => {
                    let differing = Differing { scenario, difference };
                    judge(beam, backend, differing, &theirs, &ours)?
                }
            },
            (Err(_), Err(_)) => Finding::Invalid,
            (Err(why), Ok(_)) | (Ok(_), Err(why)) => Finding::NoTrace(scenario, why),
        });
    }
    Ok(findings)
}

/// The library's traces.
pub(crate) fn traces(backend: Backend, scenarios: &[Value]) -> Vec<Result<String, String>> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(vec![Err(String::new()); scenarios.len()]));
    std::thread::scope(|scope| {
        for _ in 0..AT_A_TIME.min(scenarios.len()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(scenario) = scenarios.get(at) else { break };
                    let trace = trace(backend, scenario);
                    done.lock().unwrap_or_else(PoisonError::into_inner)[at] = trace;
                }
            });
        }
    });
    done.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn trace(backend: Backend, scenario: &Value) -> Result<String, String> {
    match Loaded::from_json(scenario).map_err(|error| error.to_string())? {
        Loaded::Scenario(scenario) => backend.trace(&scenario).map_err(|error| error.to_string()),
        Loaded::Skipped { tag, .. } => Err(format!("it needs {tag}")),
    }
}

/// Asks both again.
fn judge(beam: &Beam, backend: Backend, differing: Differing, theirs: &str, ours: &str) -> Result<Finding, BeamError> {
    let mut wavers = false;
    for _ in 0..AGAIN {
        let again = beam.traces(std::slice::from_ref(&differing.scenario))?;
        if again[0].as_deref() != Ok(theirs) {
            return Ok(Finding::Undetermined(differing));
        }
        wavers |= trace(backend, &differing.scenario).as_deref() != Ok(ours);
    }
    Ok(if wavers { Finding::Wavers(differing) } else { Finding::Differs(differing) })
}

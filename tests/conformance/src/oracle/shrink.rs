use serde_json::Value;

use super::beam::{Beam, BeamError};
use super::{Differing, traces};
use crate::backend::Backend;
use crate::trace::first_difference;

/// Makes a scenario smaller as long as BEAM and library still differ on it: leaves out steps, children, and options.
///
/// # Errors
///
/// [`BeamError`] if the BEAM cannot be asked.
pub fn shrink(beam: &Beam, backend: Backend, mut differing: Differing) -> Result<Differing, BeamError> {
    while let Some(smaller) = first_that_differs(beam, backend, &candidates(&differing.scenario))? {
        differing = smaller;
    }
    Ok(differing)
}

/// How many candidates are asked for at once: starting a BEAM costs more than a scenario.
const BATCH: usize = 24;

fn first_that_differs(beam: &Beam, backend: Backend, candidates: &[Value]) -> Result<Option<Differing>, BeamError> {
    for batch in candidates.chunks(BATCH) {
        // The library is asked first: what it finds wrong would end the BEAM's runner.
        let ours = traces(backend, batch);
        let (valid, ours): (Vec<Value>, Vec<String>) =
            batch.iter().zip(ours).filter_map(|(scenario, ours)| Some((scenario.clone(), ours.ok()?))).unzip();
        for ((scenario, theirs), ours) in valid.iter().zip(beam.traces(&valid)?).zip(ours) {
            if let Ok(theirs) = theirs
                && let Some(difference) = first_difference(&theirs, &ours)
            {
                return Ok(Some(Differing { scenario: scenario.clone(), difference }));
            }
        }
    }
    Ok(None)
}

/// The scenario with something left out, the largest pieces first.
fn candidates(scenario: &Value) -> Vec<Value> {
    let steps = scenario["steps"].as_array().map_or(0, Vec::len);
    let mut all = Vec::new();
    let mut size = steps / 2;
    while size >= 1 {
        for first in (0..=steps - size).rev().step_by(size) {
            let mut smaller = scenario.clone();
            if let Some(steps) = smaller["steps"].as_array_mut() {
                steps.drain(first..first + size);
            }
            all.push(smaller);
        }
        size /= 2;
    }
    let mut paths = Vec::new();
    optional_parts(&scenario["steps"], "/steps", &mut paths);
    all.extend(paths.iter().filter_map(|path| without(scenario, path)));
    all
}

/// Keys without which a scenario still means something.
const OPTIONAL: [&str; 12] = [
    "trap_exit",
    "terminate",
    "init",
    "shutdown",
    "significant",
    "restart",
    "auto_shutdown",
    "unordered",
    "name",
    "value",
    "on_info",
    "strategy",
];

/// The paths of what may be left out: optional keys, and elements of lists of children and ops.
fn optional_parts(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let path = format!("{path}/{key}");
                if OPTIONAL.contains(&key.as_str()) {
                    found.push(path.clone());
                }
                optional_parts(value, &path, found);
            }
        }
        Value::Array(list) => {
            let elements_count =
                ["/children", "/op", "/ops", "/init", "/continue"].iter().any(|end| path.ends_with(end));
            for (at, value) in list.iter().enumerate() {
                let path = format!("{path}/{at}");
                if elements_count {
                    found.push(path.clone());
                }
                optional_parts(value, &path, found);
            }
        }
        _ => {}
    }
}

fn without(scenario: &Value, path: &str) -> Option<Value> {
    let mut smaller = scenario.clone();
    let (parent, last) = path.rsplit_once('/')?;
    match smaller.pointer_mut(parent)? {
        Value::Object(object) => drop(object.remove(last)?),
        Value::Array(list) => drop(list.remove(last.parse().ok()?)),
        _ => return None,
    }
    Some(smaller)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn candidates_leave_out_steps_children_and_options() {
        let start = json!({ "do": "start_supervisor", "as": "s", "children": [{ "id": "a", "restart": "temporary" }] });
        let scenario = json!({ "name": "x", "steps": [start, { "do": "sync" }] });
        let all = candidates(&scenario);
        let has = |steps: Value| all.iter().any(|candidate| candidate["steps"] == steps);
        assert!(has(json!([start])));
        assert!(has(json!([{ "do": "sync" }])));
        assert!(has(json!([{ "do": "start_supervisor", "as": "s", "children": [] }, { "do": "sync" }])));
        assert!(has(json!([{ "do": "start_supervisor", "as": "s", "children": [{ "id": "a" }] }, { "do": "sync" }])));
    }
}

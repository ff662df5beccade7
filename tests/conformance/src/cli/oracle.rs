use std::fs;
use std::path::Path;
use std::process::ExitCode;

use otp_conformance::oracle::{Beam, BeamError, Differing, Finding, compare, shrink};
use serde_json::Value;

use super::command::Oracle;
use super::{complain, say};

/// How many seeds are looked at before their findings are told.
const BATCH: u64 = 20;

pub(super) fn execute(wanted: &Oracle) -> ExitCode {
    match search(wanted) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => complain(&error),
    }
}

/// How many scenarios show something to look at.
fn search(wanted: &Oracle) -> Result<usize, BeamError> {
    let beam = Beam::find()?;
    let (mut agree, mut differ, mut waver, mut undetermined, mut without, mut invalid) = (0, 0, 0, 0, 0, 0);
    let mut from = wanted.from;
    let end = wanted.from.saturating_add(wanted.seeds);
    while from < end {
        let to = end.min(from + BATCH);
        for finding in compare(&beam, wanted.backend, from..to, &wanted.about)? {
            match finding {
                Finding::Agrees => agree += 1,
                Finding::Invalid => invalid += 1,
                Finding::Differs(differing) => {
                    differ += 1;
                    say(&format!("{} differs\n", name_of(&differing.scenario)));
                    let small = if wanted.shrink { shrink(&beam, wanted.backend, differing)? } else { differing };
                    tell(&small, wanted.keep.as_deref());
                }
                Finding::Wavers(differing) => {
                    waver += 1;
                    say(&format!("{} is not always the same on the library\n", name_of(&differing.scenario)));
                    tell(&differing, wanted.keep.as_deref());
                }
                Finding::Undetermined(differing) => {
                    undetermined += 1;
                    say(&format!("{} is not always the same on the BEAM\n", name_of(&differing.scenario)));
                }
                Finding::NoTrace(scenario, why) => {
                    without += 1;
                    say(&format!("{} has no trace: {why}\n{}", name_of(&scenario), pretty(&scenario)));
                }
            }
        }
        from = to;
    }
    say(&format!(
        "{agree} agree, {differ} differ, {waver} waver, {without} have only one trace; {undetermined} are not determined, \
         {invalid} cannot be carried on\n"
    ));
    Ok(differ + waver + without)
}

fn tell(differing: &Differing, keep: Option<&Path>) {
    let text = pretty(&differing.scenario);
    say(&format!("{text}{}\n", differing.difference));
    if let Some(folder) = keep {
        let file = folder.join(format!("{}.json", name_of(&differing.scenario)));
        if let Err(error) = fs::create_dir_all(folder).and_then(|()| fs::write(&file, text)) {
            complain(&format!("{}: {error}", file.display()));
        }
    }
}

/// A scenario as files hold it: a line for each step.
fn pretty(scenario: &Value) -> String {
    let steps = scenario["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
    let steps: Vec<String> = steps.iter().map(|step| format!("  {step}")).collect();
    let (name, requires) = (&scenario["name"], &scenario["requires"]);
    format!("{{\n \"name\": {name},\n \"requires\": {requires},\n \"steps\": [\n{}\n ]\n}}\n", steps.join(",\n"))
}

fn name_of(scenario: &Value) -> &str {
    scenario["name"].as_str().unwrap_or("?")
}

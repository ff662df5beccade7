//! Every scenario of the project, on every backend, against the traces of a real BEAM.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use otp_conformance::{Backend, Deviations, Suite, Verdict};

/// How often a scenario that differs is run once more, by itself, before it counts. Many run at a time here, and the
/// scenarios' margins (SCENARIOS §10) are for a machine that has little else to do: a supervisor whose child crashes at
/// once may end before the thread that started it has been given the processor again.
const TRIES_ALONE: usize = 3;

/// Scenarios whose trace depends on who is first: there are schedules, rare ones on a BEAM, in which they have another.
///
/// Here a supervisor ends, because its child crashes at once again and again, before the one that starts it has noted
/// that it is there.
const OPEN: [&str; 1] = ["sup_intensity_big_crash_loop"];

/// The runs of each scenario that the simulator tries: three, unless `OTP_SIM_SEEDS` says otherwise.
fn seeds() -> std::ops::RangeInclusive<u64> {
    let wanted = std::env::var("OTP_SIM_SEEDS").ok();
    1..=wanted.map_or(3, |wanted| wanted.parse().expect("OTP_SIM_SEEDS is a number"))
}

/// The scenarios of `set` have the traces that the BEAM has, but for the deviations that are listed.
fn agrees_with_the_beam(set: &str, backend: Backend) {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let deviations = Deviations::from_file(&home.join("deviations.json")).unwrap();
    let set = home.join(set);
    let suite = Suite::of_directory(&set.join("scenarios"), &set.join("golden"), deviations).unwrap();
    let differing = Mutex::new(Vec::new());
    let tally = suite.check(backend, |file, verdict| {
        if let Verdict::Failed(why) = verdict {
            differing.lock().unwrap_or_else(PoisonError::into_inner).push((file.to_owned(), why.clone()));
        }
    });
    let mut differing = differing.into_inner().unwrap_or_else(PoisonError::into_inner);
    assert!(tally.passed > 0, "no scenario was compared: {tally}");
    // A simulated run takes no notice of what else runs, and would be the same again.
    let simulated = matches!(backend, Backend::Sim(_));
    let is_open = |file: &Path| OPEN.iter().any(|open| file.file_stem().is_some_and(|name| name == *open));
    differing.retain(|(file, _)| !(simulated && is_open(file)));
    let tries = if simulated { 0 } else { TRIES_ALONE };
    for _ in 0..tries {
        differing.retain(|(file, why)| {
            #[allow(clippy::print_stderr, reason = "a test tells what it does again")]
            {
                eprintln!("{}, again alone: {why}", file.display());
            }
            matches!(suite.check_one(file, backend), Verdict::Failed(_))
        });
    }
    let failures: Vec<_> = differing.iter().map(|(file, why)| format!("{}: {why}", file.display())).collect();
    assert!(failures.is_empty(), "{tally}\n{}", failures.join("\n"));
}

#[test]
fn scenarios_agree_with_the_beam_on_tokio() {
    agrees_with_the_beam(".", Backend::Tokio);
}

#[test]
fn scenarios_agree_with_the_beam_on_tokio_current_thread() {
    agrees_with_the_beam(".", Backend::TokioCurrent);
}

#[test]
fn scenarios_agree_with_the_beam_on_smol() {
    agrees_with_the_beam(".", Backend::Smol);
}

#[test]
fn random_scenarios_agree_with_the_beam_on_tokio() {
    agrees_with_the_beam("fuzz", Backend::Tokio);
}

#[test]
fn random_scenarios_agree_with_the_beam_on_tokio_current_thread() {
    agrees_with_the_beam("fuzz", Backend::TokioCurrent);
}

#[test]
fn random_scenarios_agree_with_the_beam_on_smol() {
    agrees_with_the_beam("fuzz", Backend::Smol);
}

#[test]
fn scenarios_of_our_own_agree_with_the_beam_on_tokio() {
    agrees_with_the_beam("own", Backend::Tokio);
}

#[test]
fn scenarios_of_our_own_agree_with_the_beam_on_tokio_current_thread() {
    agrees_with_the_beam("own", Backend::TokioCurrent);
}

#[test]
fn scenarios_of_our_own_agree_with_the_beam_on_smol() {
    agrees_with_the_beam("own", Backend::Smol);
}

#[test]
fn scenarios_agree_with_the_beam_on_some_seeds() {
    seeds().for_each(|seed| agrees_with_the_beam(".", Backend::Sim(seed)));
}

#[test]
fn random_scenarios_agree_with_the_beam_on_some_seeds() {
    seeds().for_each(|seed| agrees_with_the_beam("fuzz", Backend::Sim(seed)));
}

#[test]
fn scenarios_of_our_own_agree_with_the_beam_on_some_seeds() {
    seeds().for_each(|seed| agrees_with_the_beam("own", Backend::Sim(seed)));
}

#[test]
fn every_deviation_names_a_scenario() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    for deviation in Deviations::from_file(&home.join("deviations.json")).unwrap().iter() {
        let file = format!("{}.json", deviation.scenario);
        let known = [".", "fuzz", "own"].iter().any(|set| home.join(set).join("scenarios").join(&file).exists());
        assert!(known, "there is no scenario {}", deviation.scenario);
        assert!(!deviation.reason.is_empty(), "the deviation of {} has no reason", deviation.scenario);
    }
}

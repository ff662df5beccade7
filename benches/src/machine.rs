//! Where a run was made, and of what.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::systems;

const LOCK: &str = include_str!("../Cargo.lock");

/// The crates whose versions are of interest.
const CRATES: [&str; 13] = [
    "tokio",
    "async-executor",
    "async-channel",
    "async-io",
    "ractor",
    "kameo",
    "actix",
    "xtra",
    "tokio-actors",
    "rusm-otp",
    "erltf",
    "eetf",
    "mimalloc",
];

/// What the figures belong to, line by line.
pub fn lines() -> Vec<String> {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let versions: Vec<String> = CRATES.iter().map(|name| format!("{name} {}", version(name))).collect();
    let beam = systems::beam_release().map_or("none".to_owned(), |release| format!("Erlang/OTP {release}"));
    vec![
        format!("{}, {cores} cores, {} {}", processor(), std::env::consts::OS, kernel()),
        format!("{}; {}", compiler(), versions.join(", ")),
        format!("{beam}, two schedulers"),
    ]
}

/// Today, as `2026-01-31`.
pub fn date() -> String {
    let days = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs() / 86_400);
    // From the first of March of the year 0, so that a leap day is the last one of a year.
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{year}-{month:02}-{day:02}")
}

fn version(name: &str) -> &'static str {
    let entry = format!("name = \"{name}\"\nversion = \"");
    let after = LOCK.split_once(&entry).map(|(_, after)| after);
    after.and_then(|after| after.split('"').next()).unwrap_or("unknown")
}

fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    model.map_or("unknown processor".to_owned(), |(_, model)| model.to_owned())
}

fn kernel() -> String {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    // What follows the number is the name of a build.
    release.trim().split('-').next().unwrap_or_default().to_owned()
}

fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.split(" (").next().unwrap_or("rustc").trim().to_owned()
}

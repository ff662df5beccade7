//! What threads do at once, side by side: a line for each act, a column for each system.

use std::fmt::Write;

use crate::case::{Id, Row};
use crate::run::Measured;
use crate::table::scaled;

/// The act that shares nothing.
pub const CONTROL: &str = "compute";

const EXPLANATION: &str = "\
The time of one thread for each operation, then that of two threads, and so on, for each of what each of them does; and how
many times as much the most threads do as one. `compute` shows what the machine makes of so many threads.
";

/// The name of a row's variant.
pub fn variant(act: &str, count: u64) -> String {
    match count {
        1 => format!("{act}-one-thread"),
        _ => format!("{act}-{count}-threads"),
    }
}

/// The acts, in the order in which they were measured.
pub fn acts(results: &[Measured]) -> Vec<&'static str> {
    let mut acts = Vec::new();
    for result in results {
        if let Some((act, _)) = parts(result.row)
            && !acts.contains(&act)
        {
            acts.push(act);
        }
    }
    acts
}

/// How many times as much `count` threads do as one.
pub fn factor(results: &[Measured], act: &str, system: Id, count: u64) -> Option<f64> {
    let figure = |count| {
        let is_it = |result: &&Measured| result.system == system && parts(result.row) == Some((act, count));
        results.iter().find(is_it).map(Measured::median)
    };
    Some(count as f64 * figure(1)? / figure(count)?)
}

/// Writes the table.
pub fn table(page: &mut String, systems: &[Id], results: &[Measured]) -> std::fmt::Result {
    let takes_part = |system: &&Id| results.iter().any(|result| result.system == **system && is_scaling(result.row));
    let systems: Vec<Id> = systems.iter().filter(takes_part).copied().collect();
    let names: Vec<String> = systems.iter().map(|system| format!(" {system} |")).collect();
    writeln!(page, "{EXPLANATION}\n| |{}\n|---|{}", names.concat(), "---:|".repeat(systems.len()))?;
    for act in acts(results) {
        write!(page, "| {act} |")?;
        for system in &systems {
            write!(page, " {} |", cell(results, act, *system).unwrap_or("–".to_owned()))?;
        }
        writeln!(page)?;
    }
    Ok(())
}

fn cell(results: &[Measured], act: &str, system: Id) -> Option<String> {
    let counted = results.iter().filter(|result| result.system == system).filter_map(|result| {
        let (of, count) = parts(result.row)?;
        (of == act).then(|| (count, scaled(result.median(), result.row.unit)))
    });
    let (counts, figures): (Vec<u64>, Vec<String>) = counted.unzip();
    let most = counts.into_iter().max()?;
    let factor = factor(results, act, system, most)?;
    Some(format!("{} · {factor:.2}", figures.join(", ")))
}

/// The act of a row, and the number of threads.
fn parts(row: &Row) -> Option<(&'static str, u64)> {
    if !is_scaling(row) {
        return None;
    }
    if let Some(act) = row.variant.strip_suffix("-one-thread") {
        return Some((act, 1));
    }
    let (act, count) = row.variant.strip_suffix("-threads")?.rsplit_once('-')?;
    Some((act, count.parse().ok()?))
}

fn is_scaling(row: &Row) -> bool {
    row.workload == "scaling"
}

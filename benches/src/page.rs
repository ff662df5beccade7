//! `docs/benchmarks.md`, with its pictures.

use std::error::Error;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use crate::case::{Id, Row};
use crate::run::Measured;
use crate::table::{BASELINE, OURS, ratio, scaled};
use crate::{goals, machine, picture, systems, threads};

/// Rows that are shown together: a title, and their workloads.
const GROUPS: [(&str, &str, &[&str]); 12] = [
    ("calls", "Calls", &["call", "call-busy", "call-fan-out", "watched"]),
    ("messages", "Messages", &["cast", "cast-bounded", "ping-pong", "ring", "selective"]),
    ("spawns", "Spawns", &["spawn"]),
    ("overload", "Overload", &["overload"]),
    ("memory", "Memory", &["memory"]),
    ("supervision", "Supervision", &["restart"]),
    ("tables", "Tables", &["table", "table-memory"]),
    ("registry", "Names, registries, groups, topics and timers", &["names", "registry", "groups", "topic", "timers"]),
    ("scaling", "Several threads", &["scaling"]),
    ("tail", "The slowest on a busy machine", &["tail"]),
    ("idle", "A program that does nothing", &["idle-wake-ups", "idle-threads", "idle-memory"]),
    ("etf", "Erlang's terms", &["etf"]),
];

const INTRODUCTION: &str = "\
# Benchmarks

What a call, a message and a process cost, compared with raw channels, other actor libraries and the BEAM, all in one
run. Lower is better in all tables.

```text
cargo run --release --manifest-path benches/Cargo.toml -- --page    measures everything and writes this page
cargo run --release --manifest-path benches/Cargo.toml -- --only call --system otp,raw
```
";

const METHOD: &str = "\
- The rounds of all systems take turns; a figure is the median of the rounds. A round has as many operations as fit into
  80 ms, within the limits of its workload. Rows that take longer have fewer rounds: five for several threads, large trees
  and late timers; three for the slowest calls, for a program that does nothing, for a million of something, and for the
  memory of 100,000 servers, which hardly differs; and one for that of 1,000,000.
- The code of a round is the same for every system (`benches/src/workloads`); a file for each system implements the
  operations (`benches/src/systems`). Sums are checked: a message that is lost or handled twice ends the run.
- Executors have two worker threads; `tokio-current` is tokio on one thread. Everything is one program, with mimalloc and
  cargo's release profile, except the BEAM, which is a separate program.
- `raw` is handwritten code without a library: a task that reads an unbounded channel and replies through a oneshot;
  tokio's channels, or those of async-channel on smol. Its calls have a timeout of five seconds where those of the other
  systems have one, with the executor's timer.
- Clients of otp are processes, like the callers in its programs; `call/outside` is the same call from a plain task.
  Clients of rusm-otp are processes, those of the other systems tasks.
- Memory is the growth of the resident memory of a fresh process, without the handles of the client. A server of otp that has
  never been woken since it began has no task of the executor yet, which is 128 bytes on tokio.
- Goals that name the best compare otp with the best of the other systems that have two threads. Some rows have two modes, by
  whether what they measure is spread over both workers: rounds are slow that took more than one and a half times as long as
  the fastest.
- In the rows of several threads all share one system, and each thread uses other names, processes and keys than the others,
  unless the row says that all use the same. `raw` is a `DashMap`, and tokio's tasks for timers.
- The slowest calls and timers are those of 3,000 in each of three rounds, while a thread for each processor computes for 2 ms
  and sleeps for 2 ms, again and again. A call is made each millisecond.
- The program that does nothing has 1,000 servers that were called once, two workers, and its main thread; its wake-ups are
  those of all its threads within two seconds.
- The processes that have keys end at once; on the BEAM 1,000 at a time, as its registry takes minutes for 1,000,000.
- Tables: `raw` is a `DashMap` with its default hasher, the BEAM an ETS table with `read_concurrency`; all are public. On two
  threads, a figure is the time of both for what each of them did. The bytes of the BEAM are those that ETS tells.
- erltf and eetf are codecs alone, as is what is measured of otp beside them; no executor takes part.
- In a system whose timers are tasks, arming a timer is spawning its task: the executor sets the timer later.
";

/// The directory of the project's pages.
pub fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Writes the page and its pictures into a directory.
pub fn write(docs: &Path, results: &[Measured], rounds: usize) -> Result<PathBuf, Box<dyn Error>> {
    std::fs::create_dir_all(docs.join("benchmarks"))?;
    let mut page = INTRODUCTION.to_owned();
    writeln!(page, "\nMeasured on {}, {rounds} rounds, on\n", machine::date())?;
    for line in machine::lines() {
        writeln!(page, "- {line}")?;
    }
    writeln!(page, "\n## How\n\n{METHOD}")?;
    goals_of(&mut page, results)?;
    for (file, title, workloads) in GROUPS {
        let rows = rows_of(workloads, results);
        picture::draw(&docs.join(format!("benchmarks/{file}.svg")), &rows, results)?;
        writeln!(page, "## {title}\n\n![{title}](benchmarks/{file}.svg)\n")?;
        group(&mut page, &rows, results)?;
    }
    let path = docs.join("benchmarks.md");
    std::fs::write(&path, page.trim_end().to_owned() + "\n")?;
    Ok(path)
}

fn goals_of(page: &mut String, results: &[Measured]) -> std::fmt::Result {
    writeln!(page, "## Goals\n\n| | goal | measured | |\n|---|---|---|---|")?;
    for goal in goals::outcomes(results) {
        let met = if goal.is_met { "met" } else { "**missed**" };
        writeln!(page, "| {} | {} | {} | {met} |", goal.what, goal.goal, goal.measured)?;
    }
    writeln!(page)
}

fn rows_of(workloads: &[&str], results: &[Measured]) -> Vec<&'static Row> {
    let mut rows: Vec<&'static Row> = Vec::new();
    for result in results {
        if workloads.contains(&result.row.workload) && !rows.contains(&result.row) {
            rows.push(result.row);
        }
    }
    rows
}

/// A table for each workload of a group: a line for each system, a column for each row.
fn group(page: &mut String, rows: &[&'static Row], results: &[Measured]) -> std::fmt::Result {
    for row in rows {
        writeln!(page, "- `{}`: {}", row.name(), row.what)?;
    }
    let systems = systems_of(results);
    if rows.iter().all(|row| row.workload == "scaling") {
        writeln!(page)?;
        threads::table(page, &systems, results)?;
        return left_out(page, rows, &systems, results);
    }
    writeln!(page, "\nMedian; beside it, how many times raw tokio's and otp's on tokio it is.\n")?;
    for rows in rows.chunk_by(|one, other| one.workload == other.workload) {
        let names: Vec<String> = rows.iter().map(|row| format!(" {} |", row.name())).collect();
        writeln!(page, "| |{}\n|---|{}", names.concat(), "---:|".repeat(rows.len()))?;
        for system in &systems {
            let cells = rows.iter().map(|row| match find(row, *system, results) {
                Some(result) => format!(" {} |", cell(results, result)),
                None => " – |".to_owned(),
            });
            let cells: String = cells.collect();
            if cells.contains(|c: char| c.is_ascii_digit()) {
                writeln!(page, "| {system} |{cells}")?;
            }
        }
        left_out(page, rows, &systems, results)?;
    }
    Ok(())
}

/// Who takes no part in some of the rows, and why.
fn left_out(page: &mut String, rows: &[&'static Row], systems: &[Id], results: &[Measured]) -> std::fmt::Result {
    let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
    for system in systems {
        for row in rows.iter().filter(|row| find(row, *system, results).is_none()) {
            let why = systems::why_left_out(*system, &row.name()).unwrap_or("not measured");
            match reasons.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, names)) if names.contains(&system.name) => {}
                Some((_, names)) => names.push(system.name),
                None => reasons.push((why, vec![system.name])),
            }
        }
    }
    if !reasons.is_empty() {
        let reasons: Vec<String> =
            reasons.into_iter().map(|(why, names)| format!("{} ({why})", names.join(", "))).collect();
        writeln!(page, "\nLeft out: {}.", reasons.join("; "))?;
    }
    writeln!(page)
}

fn find<'a>(row: &Row, system: Id, results: &'a [Measured]) -> Option<&'a Measured> {
    results.iter().find(|result| result.row == row && result.system == system)
}

fn systems_of(results: &[Measured]) -> Vec<Id> {
    let mut systems: Vec<Id> = Vec::new();
    for result in results {
        if !systems.contains(&result.system) {
            systems.push(result.system);
        }
    }
    systems
}

fn cell(results: &[Measured], result: &Measured) -> String {
    let mut cell = scaled(result.median(), result.row.unit);
    for other in [BASELINE, OURS] {
        if let Some(ratio) = ratio(results, result, other) {
            let _ = write!(cell, " · {ratio:.2}");
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_shows_every_row_and_why_a_system_is_left_out() {
        let entrants = systems::all();
        let measured = entrants.iter().flat_map(|entrant| {
            let of = |row| Measured { row, system: entrant.system, figures: vec![1.0, 1234.5, 2e9] };
            entrant.case.rows.iter().map(of)
        });
        let results: Vec<Measured> = measured.collect();
        let docs = std::env::temp_dir().join(format!("otp-benches-{}", std::process::id()));
        let page = std::fs::read_to_string(write(&docs, &results, 7).unwrap()).unwrap();

        for result in &results {
            assert!(page.contains(&format!("- `{}`: ", result.row.name())), "{} is described", result.row.name());
        }
        assert!(!page.contains("not measured"));
        assert!(page.contains("ractor, beam (mailboxes have no bound)"));
        for (file, ..) in GROUPS {
            let picture = std::fs::read_to_string(docs.join(format!("benchmarks/{file}.svg"))).unwrap();
            assert!(picture.contains("1234 ns") || picture.contains("1234 B") || picture.contains("1235"));
        }
        std::fs::remove_dir_all(docs).unwrap();
    }
}

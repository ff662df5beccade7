//! The BEAM with two schedulers, through `escript`, where that is installed. `beam.escript` has the same workloads.

use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

use super::LeftOut;
use crate::case::{Case, Entrant, Id, Rounds};
use crate::workloads::tail::Load;

const SCRIPT: &str = include_str!("beam.escript");
pub const ID: Id = Id { name: "beam", backend: "erts" };

/// What it takes no part in, and why.
pub const LEFT_OUT: LeftOut = &[
    ("groups", "pg copies the list of all members at each join and each leave: a round with 100,000 takes minutes"),
    ("topic/stream", "whoever subscribes is a process"),
    ("overload", "it compares otp with a mailbox policy and without"),
    ("watched", "it compares otp with somebody who looks into a server, and without"),
    ("scaling", "otp on more threads is compared with otp on fewer"),
    ("idle", "its virtual machine is another program, which has more to do"),
    ("call/outside", "whoever calls is a process"),
    ("cast-bounded", "mailboxes have no bound"),
    ("etf/serde", "its terms have no types of Rust"),
    ("spawn/task", "nothing of its own is in it"),
    ("restart/panic", "nothing of its own is in it"),
];

/// The BEAM in all the cases that another system has; none if it is not installed.
pub fn entrants(others: &[Entrant]) -> Vec<Entrant> {
    if release().is_none() {
        return Vec::new();
    }
    let mut cases: Vec<&'static Case> = Vec::new();
    for entrant in others {
        let row = entrant.case.rows[0].name();
        let left_out = LEFT_OUT.iter().any(|(rows, _)| row.starts_with(rows));
        if !left_out && !cases.iter().any(|case| std::ptr::eq(*case, entrant.case)) {
            cases.push(entrant.case);
        }
    }
    cases
        .into_iter()
        .map(|case| Entrant { system: ID, case, start: Box::new(move || rounds(case)), child: None })
        .collect()
}

/// Erlang/OTP's release, such as `25`.
pub fn release() -> Option<&'static str> {
    static RELEASE: OnceLock<Option<String>> = OnceLock::new();
    let ask = || {
        let print = "io:format(\"~s\", [erlang:system_info(otp_release)]), halt().";
        let output = Command::new("erl").args(["-noshell", "-eval", print]).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    RELEASE.get_or_init(ask).as_deref()
}

fn rounds(case: &'static Case) -> Rounds {
    let row = &case.rows[0];
    // A case that has several rows goes by its first one; the workload itself where the script has no variants.
    let name = if row.workload == "call-fan-out" { row.workload.to_owned() } else { row.name() };
    // Memory is measured in a fresh process.
    let mut kept = (row.workload != "memory").then(|| Beam::start(&name));
    Box::new(move |ops| {
        let _load = (row.workload == "tail").then(Load::start);
        match &mut kept {
            Some(beam) => beam.round(ops),
            None => Beam::start(&name).round(ops),
        }
    })
}

/// An `escript` that waits for its next round.
struct Beam {
    script: PathBuf,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Beam {
    fn start(case: &str) -> Beam {
        let script = std::env::temp_dir().join(format!("otp-benches-{}.escript", std::process::id()));
        std::fs::write(&script, SCRIPT).expect("the directory for temporary files can be written to");
        let mut process = Command::new("escript")
            .arg(&script)
            .arg(case)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("escript can be started");
        let (Some(input), Some(output)) = (process.stdin.take(), process.stdout.take()) else {
            unreachable!("both are piped")
        };
        Beam { script, process, input, output: BufReader::new(output) }
    }

    fn round(&mut self, ops: u64) -> Vec<f64> {
        writeln!(self.input, "{ops}").expect("the BEAM is running");
        let mut line = String::new();
        self.output.read_line(&mut line).expect("the BEAM is running");
        let figures: Result<Vec<f64>, _> = line.split_whitespace().map(str::parse).collect();
        match figures {
            Ok(figures) if !figures.is_empty() => figures,
            _ => panic!("the BEAM answered {line:?}"),
        }
    }
}

impl Drop for Beam {
    fn drop(&mut self) {
        // Its own, by its id.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_file(&self.script);
    }
}

//! A node of the library behind the line protocol of the harness: see `beam/HARNESS.md`.

#![allow(clippy::print_stdout, reason = "the harness reads it")]

mod args;
mod bench;
mod ops;
mod plain;
mod recorder;
mod server;
mod value;

use std::io::{BufRead, Write};
use std::process::ExitCode;
use std::time::Duration;

use otp::dist::{Cluster, NodeStartError};
use otp::{ProcessContext, System};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::args::{Args, Backend};
use crate::ops::Driver;
use crate::recorder::Msg;
use crate::server::Server;

fn main() -> ExitCode {
    let args = match Args::of_command_line() {
        Ok(args) => args,
        Err(error) => return failed(&error.to_string()),
    };
    match args.backend {
        Backend::Tokio => otp::tokio::run(async |system| drive(system, args).await),
        Backend::Smol => otp::smol::run(async |system| drive(system, args).await),
    }
}

async fn drive(system: System, args: Args) -> ExitCode {
    system.log_crashes(false);
    let node = args.node.receives::<Msg>().serves::<Server>();
    if let Err(error) = node.start(&system).await {
        let why = NodeStartError::behind(&error).map_or_else(|| error.to_string(), ToString::to_string);
        return failed(&why);
    }
    let Ok(cluster) = Cluster::of(&system) else { return failed("the node has ended") };
    let driver = Driver::new(cluster);
    say(&json!({ "ready": true, "os_pid": std::process::id(), "features": ["funs", "alias"] }));

    let (lines, requests) = async_channel::unbounded();
    let _reads = system.spawn_blocking(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if lines.try_send(line).is_err() {
                break;
            }
        }
    });
    while let Ok(line) = requests.recv().await {
        let Some(request) = parsed(&line) else { continue };
        if request["op"] == "stop" {
            say(&json!({ "id": request["id"], "ok": true }));
            break;
        }
        let driver = driver.clone();
        system.spawn(async move |_: ProcessContext<()>| {
            let id = request["id"].clone();
            match driver.perform(&request).await {
                Ok(done) => say(&json!({ "id": id, "ok": done })),
                Err(error) => say(&json!({ "id": id, "err": error })),
            }
        });
    }
    system.shutdown(Duration::from_secs(2)).await;
    // A thread still reads.
    std::process::exit(0)
}

fn parsed(line: &str) -> Option<Value> {
    let mut reader = serde_json::Deserializer::from_str(line);
    reader.disable_recursion_limit();
    Value::deserialize(&mut reader).ok()
}

fn say(line: &Value) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

fn failed(why: &str) -> ExitCode {
    say(&json!({ "error": why }));
    ExitCode::FAILURE
}

//! Calls, casts, spawns and memory, side by side: otp, the channels of its executors, other actor libraries, the BEAM.
//!
//! A workload is a file in `workloads/`: a trait that says what a system has to offer, and the rounds that are measured,
//! which are the same code for every system. A system is a file in `systems/`: how its users write what the traits ask
//! for, and the list of workloads that it takes part in.

mod args;
mod backends;
mod case;
mod countdown;
mod goals;
mod listener;
mod machine;
mod page;
mod picture;
mod run;
mod system;
mod systems;
mod table;
mod threads;
mod workloads;

use std::process::ExitCode;

use args::Args;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let entrants = systems::all();
    let args = match Args::parse(&entrants) {
        Ok(args) => args,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    if args.help {
        print!("{}", args::HELP);
        return ExitCode::SUCCESS;
    }
    if let Some((workload, system, count)) = &args.child {
        workloads::memory::child(&entrants, workload, system, *count);
        return ExitCode::SUCCESS;
    }
    if let Some((system, row)) = systems::unexplained(&entrants) {
        eprintln!("{system} takes no part in {row}, and its file does not say why");
        return ExitCode::FAILURE;
    }
    listener::begin();
    workloads::restart::expect_crashes();
    let results = run::run(&args, &entrants, if args.json { table::json } else { table::text });
    if !args.json {
        table::goals(&results);
    }
    if args.page {
        match page::write(&page::docs(), &results, args.rounds) {
            Ok(path) => eprintln!("wrote {}", path.display()),
            Err(error) => {
                eprintln!("the page could not be written: {error}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

//! Models of the end of a process: each tie is notified of one exit, and all of the same one.

use std::sync::{Arc, Mutex};

use loom::alloc::Track;
use loom::thread;

use super::executor::{Bench, run};
use super::explore;
use crate::call::{Call, CallError, ReplyTo};
use crate::exit::ExitReason;
use crate::process::{Message, ProcessContext, SpawnOptions};

/// How a process ends that may be killed while it comes to its own end.
fn is_one_of_the_two(reason: &ExitReason) -> bool {
    matches!(reason, ExitReason::Normal | ExitReason::Killed)
}

#[test]
fn a_link_a_monitor_and_whoever_waits_see_one_exit() {
    explore(Some(2), || {
        let bench = Bench::new();
        let told = Arc::new(Mutex::new(Vec::new()));
        let seen = told.clone();
        let (watcher, mut watcher_task) = bench.spawn(async move |mut ctx: ProcessContext<()>| {
            ctx.trap_exit(true);
            let options = SpawnOptions::new().link().monitor();
            ctx.spawn_with(options, async |_: ProcessContext<()>| {}).expect("it has no name");
            let mut reasons = Vec::new();
            while reasons.len() < 2 {
                match ctx.receive().await {
                    Message::User(()) | Message::Timer(_) => unreachable!("nobody sends it"),
                    Message::Exit(exit) => reasons.push(exit.reason),
                    Message::Down(down) => reasons.push(down.reason),
                }
            }
            assert!(ctx.try_receive_match(|_| true).is_none(), "it is told once");
            *seen.lock().unwrap() = reasons;
        });
        assert!(watcher_task.poll().is_pending());
        let victim_task = bench.fetch();
        let victim = *bench.system.processes().last().expect("two were spawned");
        let waiting = bench.system.exited(victim);
        let threads = [watcher_task, victim_task].map(|task| thread::spawn(move || task.run()));
        bench.system.exit(victim, ExitReason::Kill);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let reason = run(waiting);
        assert!(is_one_of_the_two(&reason), "{reason}");
        assert_eq!(run(watcher.exited()), ExitReason::Normal);
        assert_eq!(*told.lock().unwrap(), [reason.clone(), reason]);
        assert_eq!(bench.system.process_count(), 0);
    });
}

#[test]
fn a_link_made_as_the_other_side_ends_is_refused_or_tells() {
    explore(Some(2), || {
        let bench = Bench::new();
        let (victim, victim_task) = bench.spawn(async |_: ProcessContext<()>| {});
        let pid = victim.pid();
        let (watcher, watcher_task) = bench.spawn(async move |mut ctx: ProcessContext<()>| {
            ctx.trap_exit(true);
            let monitor = ctx.monitor(pid);
            // If it traps exits, a message reports that there is no such process.
            let _ = ctx.link(pid);
            let (mut exits, mut downs) = (0, 0);
            while (exits, downs) != (1, 1) {
                match ctx.receive().await {
                    Message::Exit(exit) => {
                        assert!(matches!(exit.reason, ExitReason::Normal | ExitReason::NoProc));
                        exits += 1;
                    }
                    Message::Down(down) => {
                        assert_eq!(down.monitor, monitor);
                        assert!(matches!(down.reason, ExitReason::Normal | ExitReason::NoProc));
                        downs += 1;
                    }
                    Message::User(()) | Message::Timer(_) => unreachable!("nobody sends it"),
                }
                assert!(exits < 2 && downs < 2);
            }
        });
        let threads = [victim_task, watcher_task].map(|task| thread::spawn(move || task.run()));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(run(watcher.exited()), ExitReason::Normal);
    });
}

#[test]
fn a_caller_is_answered_or_hears_of_the_exit() {
    explore(Some(2), || {
        let bench = Bench::new();
        let (server, task) = bench.parked(async |mut ctx: ProcessContext<ReplyTo<Track<u8>>>| {
            if let Message::User(from) = ctx.receive().await {
                from.reply(Track::new(7));
            }
        });
        let executor = thread::spawn(move || task.run());
        let killer = {
            let server = server.clone();
            thread::spawn(move || server.exit(ExitReason::Kill))
        };
        match run(Call::new(&server, |from| from).no_timeout()) {
            Ok(reply) => assert_eq!(reply.into_inner(), 7),
            Err(CallError::Exited { reason, .. }) => assert_eq!(reason, ExitReason::Killed),
            Err(CallError::NoProc(_)) => {}
            Err(error) => panic!("{error}"),
        }
        let reason = run(server.exited());
        assert!(is_one_of_the_two(&reason), "{reason}");
        killer.join().unwrap();
        executor.join().unwrap();
    });
}

//! Models of inline calls, against everything that may happen to the callee meanwhile.

use loom::alloc::Track;
use loom::thread;

use super::executor::{Bench, run};
use super::explore;
use crate::call::{Call, CallError, ReplyTo};
use crate::exit::ExitReason;
use crate::process::{Message, ProcessContext, ProcessRef};

type Ask = ReplyTo<Track<u8>>;

/// Answers `count` calls, and ends.
async fn answer(mut ctx: ProcessContext<Ask>, count: usize) {
    for _ in 0..count {
        if let Message::User(from) = ctx.receive().await {
            from.reply(Track::new(7));
        }
    }
}

/// Calls a server that may end.
async fn ask(server: ProcessRef<Ask>) {
    match Call::new(&server, |from| from).no_timeout().await {
        Ok(reply) => assert_eq!(reply.into_inner(), 7),
        Err(CallError::Exited { .. } | CallError::NoProc(_)) => {}
        Err(error) => panic!("{error}"),
    }
}

async fn ask_and_be_answered(server: ProcessRef<Ask>) {
    let reply = Call::new(&server, |from| from).no_timeout().await;
    assert_eq!(reply.expect("it is answered").into_inner(), 7);
}

#[test]
fn two_callers_of_one_server_are_both_answered() {
    explore(Some(1), || {
        let bench = Bench::new();
        let (server, task) = bench.parked(|ctx| answer(ctx, 2));
        let executor = thread::spawn(move || task.run());
        let callers = [server.clone(), server].map(|server| {
            let (caller, task) = bench.spawn(async move |_: ProcessContext<()>| ask_and_be_answered(server).await);
            (caller, thread::spawn(move || task.run()))
        });
        for (caller, thread) in callers {
            thread.join().unwrap();
            assert_eq!(run(caller.exited()), ExitReason::Normal);
        }
        executor.join().unwrap();
    });
}

#[test]
fn a_message_that_arrives_while_a_server_is_run_inline_is_received() {
    explore(Some(2), || {
        let bench = Bench::new();
        let (server, task) = bench.parked(async |mut ctx: ProcessContext<Option<Ask>>| {
            for _ in 0..2 {
                if let Message::User(Some(from)) = ctx.receive().await {
                    from.reply(Track::new(7));
                }
            }
        });
        let executor = thread::spawn(move || task.run());
        let callee = server.clone();
        let (caller, task) = bench.spawn(async move |_: ProcessContext<()>| {
            let reply = Call::new(&callee, Some).no_timeout().await;
            assert_eq!(reply.expect("it is answered").into_inner(), 7);
        });
        let caller_thread = thread::spawn(move || task.run());
        server.try_send(None).expect("it waits for it");
        caller_thread.join().unwrap();
        executor.join().unwrap();
        assert_eq!(run(caller.exited()), ExitReason::Normal);
        assert_eq!(run(server.exited()), ExitReason::Normal);
    });
}

#[test]
fn a_server_may_be_killed_while_its_caller_runs_it() {
    explore(Some(2), || {
        let bench = Bench::new();
        let (server, task) = bench.parked(|ctx| answer(ctx, 2));
        let executor = thread::spawn(move || task.run());
        let callee = server.clone();
        let (caller, task) = bench.spawn(async move |_: ProcessContext<()>| ask(callee).await);
        let caller_thread = thread::spawn(move || task.run());
        server.exit(ExitReason::Kill);
        caller_thread.join().unwrap();
        executor.join().unwrap();
        assert_eq!(run(server.exited()), ExitReason::Killed);
        assert_eq!(run(caller.exited()), ExitReason::Normal);
    });
}

#[test]
fn a_caller_may_be_killed_while_it_runs_its_server_or_waits_for_it() {
    explore(Some(2), || {
        let bench = Bench::new();
        let (server, task) = bench.parked(|ctx| answer(ctx, 1));
        let executor = thread::spawn(move || task.run());
        let callee = server.clone();
        let (caller, task) = bench.spawn(async move |_: ProcessContext<()>| ask_and_be_answered(callee).await);
        let caller_thread = thread::spawn(move || task.run());
        caller.exit(ExitReason::Kill);
        caller_thread.join().unwrap();
        let reason = run(caller.exited());
        assert!(matches!(reason, ExitReason::Normal | ExitReason::Killed), "{reason}");
        // For the case that the killed one had not come to it.
        run(ask(server.clone()));
        executor.join().unwrap();
        assert_eq!(run(server.exited()), ExitReason::Normal);
    });
}

#[test]
fn a_server_may_end_while_its_caller_runs_it_and_its_task_is_polled() {
    explore(Some(2), || {
        let bench = Bench::new();
        let (server, task) = bench.parked(|ctx| answer(ctx, 1));
        let executor = thread::spawn(move || task.run());
        let callee = server.clone();
        let (caller, task) = bench.spawn(async move |_: ProcessContext<()>| ask_and_be_answered(callee).await);
        let caller_thread = thread::spawn(move || task.run());
        caller_thread.join().unwrap();
        executor.join().unwrap();
        assert_eq!(run(server.exited()), ExitReason::Normal);
        assert_eq!(run(caller.exited()), ExitReason::Normal);
    });
}

#[test]
fn a_server_that_ends_unanswered_while_it_is_run_tells_its_caller_why() {
    explore(Some(2), || {
        let bench = Bench::new();
        let (server, task) = bench.parked(async |mut ctx: ProcessContext<Ask>| {
            let _request = ctx.receive().await;
            ExitReason::Shutdown
        });
        let executor = thread::spawn(move || task.run());
        let (caller, task) =
            bench.spawn(async move |_: ProcessContext<()>| match Call::new(&server, |from| from).no_timeout().await {
                Err(CallError::Exited { reason, .. }) => assert_eq!(reason, ExitReason::Shutdown),
                other => panic!("{:?}", other.map(Track::into_inner)),
            });
        let caller_thread = thread::spawn(move || task.run());
        caller_thread.join().unwrap();
        executor.join().unwrap();
        assert_eq!(run(caller.exited()), ExitReason::Normal);
    });
}

#[test]
fn a_reply_may_come_from_another_thread() {
    explore(Some(1), || {
        let bench = Bench::new();
        let (replier, replier_task) = bench.parked(|ctx| answer(ctx, 1));
        let (server, server_task) = bench.parked(async move |mut ctx: ProcessContext<Ask>| {
            if let Message::User(from) = ctx.receive().await {
                assert!(replier.try_send(from).is_ok());
                // It may not end before the call is answered.
                ctx.receive().await;
            }
        });
        let callee = server.clone();
        let (caller, caller_task) = bench.spawn(async move |_: ProcessContext<()>| ask_and_be_answered(callee).await);
        let threads = [replier_task, server_task, caller_task].map(|task| thread::spawn(move || task.run()));
        assert_eq!(run(caller.exited()), ExitReason::Normal);
        server.exit(ExitReason::Kill);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
}

/// The second asks the first, which runs it, and which answers when it has its own answer.
#[test]
fn a_server_that_its_caller_runs_may_ask_that_caller() {
    explore(Some(2), || {
        let bench = Bench::new();
        let (second, second_task) = bench.parked(async |mut ctx: ProcessContext<(ProcessRef<Ask>, Ask)>| {
            if let Message::User((first, from)) = ctx.receive().await {
                let request = Call::new(&first, |from| from).send_request();
                from.reply(Track::new(7));
                assert_eq!(request.await.expect("it is answered").into_inner(), 8);
            }
        });
        let (first, first_task) = bench.spawn(async move |mut ctx: ProcessContext<Ask>| {
            let this = ctx.this();
            let reply = Call::new(&second, |from| (this, from)).no_timeout().await;
            assert_eq!(reply.expect("it is answered").into_inner(), 7);
            match ctx.receive().await {
                Message::User(from) => from.reply(Track::new(8)),
                _ => panic!("nobody else sends"),
            }
        });
        let threads = [first_task, second_task].map(|task| thread::spawn(move || task.run()));
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(run(first.exited()), ExitReason::Normal);
        assert_eq!(bench.system.process_count(), 0);
    });
}

/// As above, with a third between them: the first calls the second, that the third, and that asks the first. Without
/// preemptions, since they are many steps: who goes on where one waits is tried in all ways.
#[test]
fn calls_in_a_ring_run_inside_each_other_and_all_are_answered() {
    explore(Some(0), || {
        let bench = Bench::new();
        let (third, third_task) = bench.parked(async |mut ctx: ProcessContext<(ProcessRef<Ask>, Ask)>| {
            if let Message::User((first, from)) = ctx.receive().await {
                let request = Call::new(&first, |from| from).send_request();
                from.reply(Track::new(7));
                assert_eq!(request.await.expect("it is answered").into_inner(), 8);
            }
        });
        let (second, second_task) = bench.parked(async move |mut ctx: ProcessContext<(ProcessRef<Ask>, Ask)>| {
            if let Message::User((first, from)) = ctx.receive().await {
                let reply = Call::new(&third, |from| (first, from)).no_timeout().await;
                from.reply(reply.expect("it is answered"));
            }
        });
        let (first, first_task) = bench.spawn(async move |mut ctx: ProcessContext<Ask>| {
            let this = ctx.this();
            let reply = Call::new(&second, |from| (this, from)).no_timeout().await;
            assert_eq!(reply.expect("it is answered").into_inner(), 7);
            match ctx.receive().await {
                Message::User(from) => from.reply(Track::new(8)),
                _ => panic!("nobody else sends"),
            }
        });
        let threads = [first_task, third_task].map(|task| thread::spawn(move || task.run()));
        second_task.run();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        assert_eq!(run(first.exited()), ExitReason::Normal);
        assert_eq!(bench.system.process_count(), 0);
    });
}

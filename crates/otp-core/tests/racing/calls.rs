//! Calls that race, are given up, forgotten, and moved from thread to thread.

use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Waker};

use futures::executor::block_on;
use otp_core::{Call, CallError, ExitReason, Message, ProcessContext, ProcessRef, ReplyTo, SpawnOptions, System};

use crate::threads::{run, together};

type Ask = (Box<u32>, ReplyTo<Box<u32>>);

const CALLS: u32 = 24;

/// Answers with what it is asked, and what that makes with what it was asked before.
fn adder(system: &System) -> ProcessRef<Ask> {
    system.spawn(async |mut ctx: ProcessContext<Ask>| {
        let mut sum = Box::new(0);
        while let Message::User((n, from)) = ctx.receive().await {
            *sum += *n;
            from.reply(sum.clone());
        }
    })
}

fn add(to: &ProcessRef<Ask>, n: u32) -> Call<Ask, Box<u32>> {
    Call::new(to, |from| (Box::new(n), from))
}

/// Calls that nobody drops. Not by `mem::forget`, which is a leak to Miri: it is to find others.
static FORGOTTEN: Mutex<Vec<Call<Ask, Box<u32>>>> = Mutex::new(Vec::new());

/// Begins a call and drops it.
fn give_up(mut call: Call<Ask, Box<u32>>) {
    begin(&mut call);
}

/// Polls a call once; true if it waits for its answer.
fn begin(call: &mut Call<Ask, Box<u32>>) -> bool {
    Pin::new(call).poll(&mut Context::from_waker(Waker::noop())).is_pending()
}

#[test]
fn callers_race_for_one_process_and_run_it_themselves() {
    run(|system| {
        let to = adder(system);
        let calls = || (0..CALLS).for_each(|_| drop(block_on(add(&to, 1)).unwrap()));
        together([&calls, &calls, &calls]);
        assert_eq!(block_on(add(&to, 0)), Ok(Box::new(3 * CALLS)));
    });
}

#[test]
fn calls_are_given_up_while_they_are_answered() {
    run(|system| {
        let to = adder(system);
        let given_up = || (0..CALLS).for_each(|_| give_up(add(&to, 1).inline(false)));
        let calls = || (0..CALLS).for_each(|_| drop(block_on(add(&to, 1)).unwrap()));
        together([&given_up, &calls, &given_up]);
    });
}

#[test]
fn calls_are_forgotten_while_they_wait() {
    run(|system| {
        let to = adder(system);
        let forgotten = || {
            for n in 0..4 {
                let mut call = add(&to, n).inline(n % 2 == 0);
                begin(&mut call);
                FORGOTTEN.lock().unwrap().push(call);
            }
        };
        let calls = || (0..4).for_each(|_| drop(block_on(add(&to, 1)).unwrap()));
        together([&forgotten, &calls]);
        to.exit(ExitReason::Kill);
        assert_eq!(block_on(to.exited()), ExitReason::Killed);
    });
}

#[test]
fn calls_are_begun_on_one_thread_and_awaited_on_another() {
    run(|system| {
        let to = adder(system);
        let begun = Mutex::new(Vec::new());
        let begins = || {
            for n in 0..CALLS {
                let mut call = add(&to, 1).inline(n % 3 == 0);
                if begin(&mut call) {
                    begun.lock().unwrap().push(Box::new(call));
                }
            }
        };
        let awaits = || {
            for _ in 0..CALLS {
                let next = begun.lock().unwrap().pop();
                if let Some(call) = next {
                    block_on(*call).unwrap();
                }
                std::thread::yield_now();
            }
        };
        together([&begins, &awaits]);
        begun.into_inner().unwrap().into_iter().for_each(|call| drop(block_on(*call).unwrap()));
        assert_eq!(block_on(add(&to, 0)), Ok(Box::new(CALLS)));
    });
}

#[test]
fn senders_wait_in_line_for_room_and_some_leave_it() {
    run(|system| {
        let body = async |mut ctx: ProcessContext<Ask>| {
            while let Message::User((n, from)) = ctx.receive().await {
                from.reply(n);
            }
        };
        let to = system.spawn_with(SpawnOptions::new().mailbox(1).inline(false), body).unwrap().process;
        let calls = || (0..CALLS / 2).for_each(|n| assert_eq!(block_on(add(&to, n)), Ok(Box::new(n))));
        let given_up = || (0..CALLS / 2).for_each(|n| give_up(add(&to, n)));
        together([&calls, &given_up, &calls]);
    });
}

#[test]
fn tokens_are_answered_by_others_or_dropped_while_the_callee_is_killed() {
    run(|system| {
        for round in 0..4 {
            let to = system.spawn(async move |mut ctx: ProcessContext<Ask>| {
                let system = ctx.system().clone();
                while let Message::User((n, from)) = ctx.receive().await {
                    match (*n + round) % 3 {
                        0 => drop(system.spawn(async move |_: ProcessContext<()>| from.reply(n))),
                        1 => drop(from),
                        _ => from.reply(n),
                    }
                }
            });
            let calls = || {
                for n in 0..6 {
                    match block_on(add(&to, n)) {
                        Ok(answer) => assert_eq!(*answer, n),
                        Err(CallError::NoReply(_) | CallError::NoProc(_)) => {}
                        Err(CallError::Exited { reason, .. }) => assert_eq!(reason, ExitReason::Killed),
                        Err(error) => panic!("{error}"),
                    }
                }
            };
            let kill = || to.exit(ExitReason::Kill);
            together([&calls, &kill, &calls]);
        }
    });
}

//! All runs of small programs.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use otp_core::{Call, ExitReason, Message, ProcessContext, ReplyTo, System};
use otp_sim::{Explore, Explored, Failed, try_explore};

/// Two processes that let the other one run in the middle: of reading and writing a number, or before both.
async fn two_updates(system: System, atomic: bool) {
    let number = Arc::new(AtomicI64::new(0));
    let add = || {
        let number = number.clone();
        system.spawn(async move |ctx: ProcessContext<()>| {
            let read = number.load(Ordering::Relaxed);
            ctx.yield_now().await;
            let read = if atomic { number.load(Ordering::Relaxed) } else { read };
            number.store(read + 1, Ordering::Relaxed);
        })
    };
    let (a, b) = (add(), add());
    a.exited().await;
    b.exited().await;
    assert_eq!(number.load(Ordering::Relaxed), 2, "an update was lost");
}

fn explore(bounds: Explore, atomic: bool) -> Result<Explored, Box<Failed>> {
    try_explore(bounds, |system| two_updates(system, atomic))
}

#[test]
fn a_lost_update_is_among_all_runs_and_a_mended_program_has_none() {
    let failed = explore(Explore::new(), false).unwrap_err();
    assert!(failed.to_string().contains("an update was lost"), "{failed}");
    assert!(explore(Explore::new(), true).unwrap().complete);
}

#[test]
fn a_lost_update_needs_one_preemption() {
    let without = explore(Explore::new().preemptions(0), false).unwrap();
    assert!(without.complete, "and none of these {} runs loses an update", without.runs);
    assert!(explore(Explore::new().preemptions(1), false).is_err());
}

#[test]
fn a_limit_of_runs_is_kept_and_told() {
    let explored = explore(Explore::new().runs(3), true).unwrap();
    assert_eq!((explored.runs, explored.complete), (3, false));
}

#[test]
fn calls_run_inline_and_scheduled() {
    // The client's call finds the server parked or not, runs it or has it scheduled; the answer is the same.
    let explored = try_explore(Explore::new(), async |system| {
        let server = system.spawn(async |mut ctx: ProcessContext<ReplyTo<u32>>| {
            if let Message::User(from) = ctx.receive().await {
                from.reply(7);
            }
        });
        let client = system.spawn(async move |_: ProcessContext<()>| {
            assert_eq!(Call::new(&server, |from| from).await, Ok(7));
        });
        assert_eq!(client.exited().await, ExitReason::Normal);
    });
    let explored = explored.unwrap_or_else(|failed| panic!("{failed}"));
    assert!(explored.complete && explored.runs > 2, "{explored:?}");
}

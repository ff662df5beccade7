//! The toy behaviour does what every behaviour does.

use std::time::Duration;

use futures::FutureExt;
use otp::behaviour::Stop;
use otp::prelude::*;
use otp::process::Term;
use otp::sys::{self, CodeChangeError, Mode, SysError};
use otp_suite::journal::{Journal, journal};
use otp_suite::servers::{boom, inside};

use crate::toy_behaviour::{Toy, ToyRef};

/// Adds up notes, and tells the sum.
struct Sum {
    sum: i64,
    journal: Journal,
}

enum Question {
    Sum(ReplyTo<i64>),
    Panic(ReplyTo<i64>),
    Drop(ReplyTo<i64>),
}

impl Toy for Sum {
    type Args = (Journal, i64);
    type Question = Question;
    type Note = i64;

    fn init((journal, sum): (Journal, i64), process: &Process) -> Result<Sum, ExitReason> {
        process.trap_exit(true);
        match sum {
            -1 => return Err(boom()),
            -2 => panic!("no sum"),
            _ => {}
        }
        Ok(Sum { sum, journal })
    }

    fn answer(&mut self, question: Question) {
        match question {
            Question::Sum(from) => from.reply(self.sum),
            Question::Panic(_from) => panic!("too much"),
            Question::Drop(from) => drop(from),
        }
    }

    fn read(&mut self, note: i64) {
        self.journal.note(format!("{note}"));
        self.sum += note;
    }

    fn terminate(&mut self, reason: &ExitReason) {
        self.journal.note(format!("terminate {reason}"));
    }
}

#[otp::test]
async fn it_answers_calls_and_takes_casts_in_their_order(system: System) {
    let (journal, _entries) = journal(&system);
    let sum = ToyRef::<Sum>::start(&system, (journal, 1)).await.unwrap();
    assert_eq!(system.info(sum.0.pid()).unwrap().label.unwrap().as_str(), "Sum");
    sum.tell(2);
    sum.tell(3);
    assert_eq!(sum.ask(Question::Sum).await, Ok(6));
    assert!(matches!(sum.ask(Question::Drop).await, Err(CallError::NoReply(_))));
    assert_eq!(sum.ask(Question::Sum).await, Ok(6));
}

// GS-4, GS-5, GS-9
#[otp::test]
async fn a_start_that_fails_is_told_and_leaves_nothing_behind(system: System) {
    let (journal, mut entries) = journal(&system);
    inside(&system, async move |mut ctx| {
        ctx.trap_exit(true);
        for (start, reason) in [(-1, boom()), (-2, ExitReason::crash("no sum"))] {
            let started = ToyRef::<Sum>::start_link(&ctx, (journal.clone(), start)).await;
            assert_eq!(started.map(|_| ()).unwrap_err().reason(), Some(&reason));
        }
        assert_eq!(ctx.receive_timeout(Duration::ZERO).await, None);
        assert!(ctx.system().info(ctx.pid()).unwrap().links.is_empty());
    })
    .await;
    assert_eq!(entries.until("Sum ended crash: no sum").await, ["Sum ended Boom", "Sum ended crash: no sum"]);
}

// GS-40, SYS-6
#[otp::test]
async fn it_ends_with_its_parent_also_while_it_is_suspended(system: System) {
    for suspended in [false, true] {
        let (journal, mut entries) = journal(&system);
        let parent = system.spawn(async move |ctx: ProcessContext<()>| {
            let sum = ToyRef::<Sum>::start_link(&ctx, (journal, 1)).await?;
            if suspended {
                sys::suspend(ctx.system(), sum.0.pid()).await?;
            }
            Err::<(), ExitReason>(boom())
        });
        assert_eq!(parent.exited().await, boom());
        assert_eq!(entries.until("Sum ended Boom").await, ["terminate Boom", "Sum ended Boom"]);
    }
}

// GS-41
#[otp::test]
async fn the_exit_of_a_stranger_does_not_end_it(system: System) {
    let (journal, _entries) = journal(&system);
    let sum = ToyRef::<Sum>::start(&system, (journal, 1)).await.unwrap();
    let pid = sum.0.pid();
    inside(&system, async move |ctx| ctx.system().exit(pid, boom())).await;
    assert_eq!(sum.ask(Question::Sum).await, Ok(1));
}

// SYS-1, SYS-2, SYS-8
#[otp::test]
async fn system_requests_reach_it_by_its_pid(system: System) {
    let (journal, _entries) = journal(&system);
    let sum = ToyRef::<Sum>::start(&system, (journal, 1)).await.unwrap();
    let pid = sum.0.pid();
    sys::suspend(&system, pid).await.unwrap();
    sum.tell(2);
    let mut call = sum.ask(Question::Sum);
    assert!((&mut call).now_or_never().is_none());
    let status = sys::status(&system, pid).await.unwrap();
    assert_eq!((status.mode, status.state.as_deref(), status.info.queue), (Mode::Suspended, Some("a Sum"), 2));
    assert_eq!(sys::get_state(&system, pid, |sum: &Sum| sum.sum).await, Ok(1));
    assert_eq!(sys::replace_state(&system, pid, |sum: &mut Sum| sum.sum = 10).await, Ok(()));
    let change = sys::change_code(&system, pid, Term::new(())).await;
    assert!(matches!(change, Err(CodeChangeError::Sys(SysError::NotSupported { request: "change_code", .. }))));
    sys::resume(&system, pid).await.unwrap();
    assert_eq!(call.await, Ok(12));
}

// GS-43, GS-44
#[otp::test]
async fn it_stops_in_its_turn_also_while_it_is_suspended(system: System) {
    for suspended in [false, true] {
        let (journal, mut entries) = journal(&system);
        let sum = ToyRef::<Sum>::start(&system, (journal, 1)).await.unwrap();
        let pid = sum.0.pid();
        let mut expected = vec!["2", "terminate shutdown", "Sum ended shutdown"];
        if suspended {
            sys::suspend(&system, pid).await.unwrap();
            expected.remove(0);
        }
        sum.tell(2);
        let stop: Stop = sys::stop(&system, pid).reason(ExitReason::Shutdown);
        assert_eq!(stop.await, Ok(()));
        assert_eq!(entries.so_far(), expected);
    }
}

// GS-37, GS-47
#[otp::test]
async fn a_panic_in_a_callback_ends_it_and_is_what_its_caller_hears(system: System) {
    let (journal, mut entries) = journal(&system);
    let sum = ToyRef::<Sum>::start(&system, (journal, 1)).await.unwrap();
    let error = sum.ask(Question::Panic).await.unwrap_err();
    assert!(matches!(error, CallError::Exited { reason, .. } if reason == ExitReason::crash("too much")));
    assert_eq!(entries.so_far(), ["terminate crash: too much", "Sum ended crash: too much"]);
}

#[otp::test]
async fn it_can_be_the_child_of_a_supervisor(system: System) {
    let (journal, mut entries) = journal(&system);
    let spec = ChildSpec::worker("sum", async move |supervisor: Process| {
        ToyRef::<Sum>::start_link(&supervisor, (journal, 1)).await.map(|toy| toy.0)
    });
    let supervisor = Supervisor::new(Strategy::OneForOne).child(spec).start(&system).await.unwrap();
    supervisor.stop().await.unwrap();
    assert_eq!(entries.so_far()[..2], ["terminate shutdown", "Sum ended shutdown"]);
}

#[test]
fn it_takes_a_hundred_and_fifty_lines_at_most() {
    assert!(include_str!("toy_behaviour.rs").lines().count() <= 150);
}

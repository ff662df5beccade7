//! Timers of a machine that only Rust's side can show: bounded mailboxes, timers that were cancelled too late.

use std::time::Duration;

use otp::prelude::*;
use otp::process::TimerRef;
use otp::statem::{Event, StateMachine, Timer, Transition};
use otp_suite::journal::journal;

use super::scripted::{Ask, Place, Scripted, start};

const MOMENT: Duration = Duration::from_millis(5);
const AGES: Duration = Duration::from_secs(3600);

#[otp::test]
async fn a_full_mailbox_does_not_refuse_a_timer(system: System) {
    let (journal, mut entries) = journal(&system);
    let script: super::scripted::Script = |_, event| match event {
        Event::Cast("begin") => Transition::keep().state_timeout(MOMENT, "over"),
        Event::StateTimeout("over") => Transition::stop(ExitReason::Normal),
        _ => Transition::keep(),
    };
    let machine = Scripted::start(&system, (script, journal)).mailbox(1).label("m").await.unwrap();
    entries.expect(["None -> A"]).await;
    machine.cast("begin");
    entries.expect(["A: cast begin"]).await;
    otp::sys::suspend(&system, &machine).await.unwrap();
    machine.cast("fills it");
    assert!(machine.try_cast("one too many").is_err());
    // The timer fires while the mailbox is full, and lies behind what was there.
    system.sleep(4 * MOMENT).await;
    otp::sys::resume(&system, &machine).await.unwrap();
    entries.expect(["A: cast fills it", "A: state timeout over", "terminate normal in A", "m ended normal"]).await;
}

#[otp::test]
async fn a_timer_that_is_cancelled_when_it_has_fired_is_not_seen(system: System) {
    let script: super::scripted::Script = |_, event| match event {
        Event::Cast("begin") => Transition::keep().timeout(7, MOMENT, "too late"),
        Event::Cast("cancel") => Transition::keep().cancel(Timer::Named(7)),
        Event::Call(Ask(_, from)) => Transition::keep().reply(from, 1),
        _ => Transition::keep(),
    };
    let (machine, mut entries) = start(&system, script).await;
    machine.cast("begin");
    entries.expect(["None -> A", "A: cast begin"]).await;
    otp::sys::suspend(&system, &machine).await.unwrap();
    machine.cast("cancel");
    // Behind the cancel, which comes first when it goes on.
    system.sleep(4 * MOMENT).await;
    otp::sys::resume(&system, &machine).await.unwrap();
    assert_eq!(machine.call(|from| Ask("after it", from)).await, Ok(1));
    entries.expect(["A: cast cancel", "A: call after it"]).await;
    assert_eq!(entries.so_far(), [""; 0]);
}

#[otp::test]
async fn a_timer_of_all_time_is_set_and_can_be_cancelled(system: System) {
    let script: super::scripted::Script = |_, event| match event {
        Event::Cast(_) => {
            Transition::keep().state_timeout(Duration::MAX, "never").timeout(1, Duration::MAX, "never either")
        }
        Event::Call(Ask(_, from)) => Transition::next(Place::B(1)).cancel(Timer::Named(1)).reply(from, 1),
        _ => Transition::keep(),
    };
    let (machine, _entries) = start(&system, script).await;
    machine.cast("begin");
    assert_eq!(machine.call(|from| Ask("cancel", from)).await, Ok(1));
}

#[otp::test]
async fn a_timer_of_an_hour_ends_with_its_machine(system: System) {
    let script: super::scripted::Script = |_, event| match event {
        Event::Cast(_) => Transition::next(Place::B(1)).state_timeout(AGES, "never").timeout(1, AGES, "never"),
        Event::Call(Ask(_, from)) => Transition::keep().reply(from, 0),
        _ => Transition::keep(),
    };
    let (machine, _entries) = start(&system, script).await;
    machine.cast("set");
    assert_eq!(machine.call(|from| Ask("done", from)).await, Ok(0));
    assert_eq!(system.timer_count(), 2);
    machine.stop().await.unwrap();
    assert_eq!(system.timer_count(), 0);
}

// TMR-1
#[otp::test]
async fn a_process_receives_its_own_timers_by_reference_in_order_with_its_messages(system: System) {
    otp_suite::inside(&system, async |mut ctx: ProcessContext<u32>| {
        let cancelled = ctx.set_timer(AGES);
        let (late, early) = (ctx.set_timer(4 * MOMENT), ctx.set_timer(MOMENT));
        assert!(cancelled.cancel().is_some() && late.read().is_some());
        ctx.this().try_send(1).unwrap();
        assert_eq!(ctx.receive().await, Message::User(1));
        assert_eq!(ctx.receive().await, Message::Timer(early));
        let seen = ctx.receive_match(|message| matches!(message, otp::process::MessageRef::Timer(_))).await;
        assert_eq!(seen, Message::Timer(late.clone()));
        assert_eq!(late.cancel(), None::<Duration>);
        assert_eq!(ctx.receive_timeout(Duration::ZERO).await, None::<Message<u32>>);
        let _: TimerRef = ctx.set_timer(AGES);
    })
    .await;
    assert_eq!(system.timer_count(), 0, "its end cancels what it has set");
}

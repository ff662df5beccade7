//! What debug functions see of a machine: SPEC §20, SYS-4, SYS-13. The numbers are those of a BEAM.

use std::time::Duration;

use futures::StreamExt;
use otp::prelude::*;
use otp::statem::{Event, MachineRef, Timer, Transition};
use otp::sys::{self, Limit};

use super::scripted::{Ask, Place, Scripted, start};

const MOMENT: Duration = Duration::from_millis(5);

fn script(state: &mut Place, event: Event<Scripted>) -> Transition<Scripted> {
    match (state, event) {
        (Place::A, event @ Event::Cast("later")) => Transition::postpone(event),
        (_, Event::Cast("insert")) => {
            Transition::keep().next_event(Event::Internal("own")).next_event(Event::Cast("as well"))
        }
        (_, Event::Cast("at once")) => Transition::keep().state_timeout(Duration::ZERO, "now"),
        (_, Event::Cast("go")) => Transition::next(Place::B(0)),
        (_, Event::Cast("arm")) => Transition::keep().timeout(7, MOMENT, "too late"),
        (_, Event::Cast("cancel")) => Transition::keep().cancel(Timer::Named(7)),
        (_, Event::Call(Ask(_, from))) => Transition::keep().reply(from, 1),
        _ => Transition::keep(),
    }
}

async fn counted(system: &System, machine: &MachineRef<Scripted>) -> (u64, u64) {
    let counted = sys::statistics(system, machine).await.unwrap().unwrap();
    (counted.messages_in, counted.messages_out)
}

// SYS-13
#[otp::test]
async fn inserted_events_and_timeouts_count_and_a_postponed_event_counts_once(system: System) {
    let (machine, _entries) = start(&system, script).await;
    sys::keep_statistics(&system, &machine, true).await.unwrap();
    for (text, so_far) in [("insert", 3), ("at once", 5), ("later", 6), ("go", 7)] {
        machine.cast(text);
        assert_eq!(counted(&system, &machine).await, (so_far, 0), "{text}");
    }
    machine.call(|from| Ask("out", from)).await.unwrap();
    assert_eq!(counted(&system, &machine).await, (8, 1));
}

#[otp::test]
async fn the_report_of_a_crash_shows_the_state_in_which_the_machine_was(system: System) {
    system.log_crashes(false);
    let (machine, _entries) = start(&system, |state, event| match (state, event) {
        (Place::A, Event::Cast("go")) => Transition::next(Place::B(7)),
        _ => panic!("not here"),
    })
    .await;
    let mut reports = otp::test::Recorder::of(&system, |event| match event {
        otp::event::Event::Crashed(report) => report.state.as_deref().map(str::to_owned),
        _ => None,
    });
    let exited = machine.exited();
    machine.cast("go");
    machine.cast("stay");
    exited.await;
    assert_eq!(reports.so_far(), [format!("{:?}", Place::B(7))]);
}

// SYS-13
#[otp::test]
async fn a_timer_that_was_cancelled_too_late_does_not_count(system: System) {
    let (machine, _entries) = start(&system, script).await;
    machine.cast("arm");
    sys::suspend(&system, &machine).await.unwrap();
    sys::keep_statistics(&system, &machine, true).await.unwrap();
    machine.cast("cancel");
    // Behind the cancel, which comes first when it goes on.
    system.sleep(4 * MOMENT).await;
    sys::resume(&system, &machine).await.unwrap();
    machine.call(|from| Ask("after it", from)).await.unwrap();
    assert_eq!(counted(&system, &machine).await, (2, 1));
}

// SYS-4
#[otp::test]
async fn a_trace_shows_inserted_events_when_they_are_inserted_and_timeouts_when_they_fire(system: System) {
    let (machine, _entries) = start(&system, script).await;
    let trace = sys::trace(&system, &machine, Limit::new().events(7)).await.unwrap();
    machine.cast("insert");
    machine.cast("at once");
    let pid = format!("{} ", machine.pid().unwrap());
    let texts: Vec<_> = trace.map(|event| event.to_string().replacen(&pid, "", 1)).collect().await;
    let ins: Vec<_> = texts.iter().filter(|text| text.starts_with("in ")).collect();
    assert_eq!(ins, ["in a cast", "in internal event", "in a cast", "in a cast", "in state timeout"]);
}

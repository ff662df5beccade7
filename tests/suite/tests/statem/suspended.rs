//! A machine that is suspended: what waits, what ends it, and what `sys` does with it meanwhile.

use std::time::Duration;

use otp::prelude::*;
use otp::statem::{Event, Transition};
use otp::sys;

use super::scripted::{Ask, Place, Scripted, start};

const LONG: Duration = Duration::from_secs(60);

/// Postpones calls in the state `A`, answers them in `B`; `go` leads there, and `stop` answers and stops.
fn script(state: &mut Place, event: Event<Scripted>) -> Transition<Scripted> {
    match (state, event) {
        (Place::A, event @ Event::Call(Ask("later", _))) => Transition::postpone(event),
        (_, Event::Call(Ask("stop", from))) => Transition::stop(ExitReason::Shutdown).reply(from, 7),
        (_, Event::Call(Ask(_, from))) => Transition::keep().reply(from, 1),
        (_, Event::Cast("go")) => Transition::next(Place::B(0)),
        _ => Transition::keep(),
    }
}

#[otp::test]
async fn a_suspended_machine_that_is_resumed_answers_stops_and_fails_what_comes_after(system: System) {
    // FSM-12, FSM-22: the reply leaves, what waits behind hears the reason.
    let (machine, _entries) = start(&system, script).await;
    let postponed = machine.call(|from| Ask("later", from)).send_request();
    sys::suspend(&system, &machine).await.unwrap();
    let [stopping, after] = ["stop", "after"].map(|text| machine.call(|from| Ask(text, from)).send_request());
    assert_eq!(sys::get_state(&system, &machine, |machine| machine.state.clone()).await, Ok(Place::A));
    sys::resume(&system, &machine).await.unwrap();
    assert_eq!(stopping.receive(LONG).await, Some(Ok(7)));
    for unanswered in [postponed, after] {
        let error = unanswered.receive(LONG).await.unwrap().unwrap_err();
        assert!(matches!(&error, CallError::Exited { reason: ExitReason::Shutdown, .. }), "{error}");
    }
}

#[otp::test]
async fn a_suspended_machine_can_be_stopped_and_what_waits_is_not_handled(system: System) {
    let (machine, _entries) = start(&system, script).await;
    let postponed = machine.call(|from| Ask("later", from)).send_request();
    sys::suspend(&system, &machine).await.unwrap();
    machine.cast("go");
    assert_eq!(machine.stop().await, Ok(()));
    let error = postponed.receive(LONG).await.unwrap().unwrap_err();
    assert!(matches!(&error, CallError::Exited { reason: ExitReason::Normal, .. }), "{error}");
}

#[otp::test]
async fn a_state_that_is_replaced_does_not_retry_what_is_postponed(system: System) {
    // FSM-4, FSM-6: only a transition enters a state, and retries.
    let (machine, mut entries) = start(&system, script).await;
    let postponed = machine.call(|from| Ask("later", from)).send_request();
    sys::suspend(&system, &machine).await.unwrap();
    sys::replace_state(&system, &machine, |machine| machine.state = Place::B(1)).await.unwrap();
    sys::resume(&system, &machine).await.unwrap();
    assert_eq!(machine.call(|from| Ask("now", from)).await, Ok(1));
    machine.cast("go");
    assert_eq!(postponed.receive(LONG).await, Some(Ok(1)));
    entries.expect(["None -> A", "A: call later", "B(1): call now", "B(1): cast go", "Some(B(1)) -> B(0)"]).await;
    entries.expect(["B(0): call later"]).await;
}

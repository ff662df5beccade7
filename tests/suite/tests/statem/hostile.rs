//! What a user's types may do: panic where they are compared, shown and dropped, and never come to an end.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use otp::prelude::*;
use otp::process::Crash;
use otp::statem::{Context, Event, Init, StateMachine, Transition};
use otp_suite::Bomb;

use super::scripted::{Ask, Place, start};

#[otp::test]
async fn a_machine_that_inserts_events_without_end_can_be_killed_and_lets_others_run(system: System) {
    let (machine, _entries) = start(&system, |_, event| match event {
        Event::Call(Ask(_, from)) => Transition::keep().reply(from, 1).internal("again"),
        Event::Internal(_) => Transition::keep().internal("again"),
        _ => Transition::keep(),
    })
    .await;
    assert_eq!(machine.call(|from| Ask("begin", from)).await, Ok(1));
    let (other, _) = start(&system, |_, event| match event {
        Event::Call(Ask(_, from)) => Transition::keep().reply(from, 2),
        _ => Transition::keep(),
    })
    .await;
    assert_eq!(other.call(|from| Ask("is it still its turn", from)).await, Ok(2));
    machine.exit(ExitReason::Kill);
    assert_eq!(machine.exited().await, ExitReason::Killed);
}

#[otp::test]
async fn a_caller_whose_call_is_postponed_hears_why_the_machine_ended(system: System) {
    let (machine, _entries) = start(&system, |_, event| match event {
        Event::Cast("crash") => std::panic::resume_unwind(Box::new("crashed".to_owned())),
        Event::Cast("stop") => Transition::stop(ExitReason::Shutdown),
        Event::Cast(_) => Transition::next(Place::B(0)),
        event => Transition::postpone(event),
    })
    .await;
    let waiting = machine.call(|from| Ask("wait", from)).send_request();
    machine.cast("crash");
    let error = waiting.receive(Duration::from_secs(60)).await.expect("it is told").unwrap_err();
    assert!(matches!(&error, CallError::Exited { reason, .. } if *reason == ExitReason::crash("crashed")), "{error}");
    assert!(error.may_have_begun());
}

/// Panics where two states are compared, where one is shown, and where one is dropped, as it is told.
#[derive(Clone)]
struct Trap {
    compare: bool,
    drop: bool,
}

static SHOWN: AtomicBool = AtomicBool::new(false);

fn explode(what: &str) -> ! {
    std::panic::resume_unwind(Box::new(what.to_owned()))
}

impl PartialEq for Trap {
    fn eq(&self, other: &Trap) -> bool {
        if self.compare || other.compare {
            explode("compared");
        }
        false
    }
}

impl std::fmt::Debug for Trap {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        SHOWN.store(true, Ordering::SeqCst);
        explode("shown")
    }
}

impl Drop for Trap {
    fn drop(&mut self) {
        if self.drop && !std::thread::panicking() {
            explode("dropped");
        }
    }
}

struct Trapped;

impl StateMachine for Trapped {
    type Args = Trap;
    type State = Trap;
    type Call = (Trap, ReplyTo<()>);
    type Cast = NoMessage;
    type Info = NoMessage;
    type Internal = Bomb;
    type Timer = NoMessage;

    async fn init(first: Trap, _: &mut Context<'_, Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::ok(Trapped, first))
    }

    async fn handle(
        &mut self,
        _: &mut Trap,
        event: Event<Self>,
        _: &mut Context<'_, Self>,
    ) -> Result<Transition<Self>, ExitReason> {
        match event {
            Event::Call((next, from)) => Ok(Transition::next(next).reply(from, ())),
            _ => Ok(Transition::keep()),
        }
    }
}

const QUIET: Trap = Trap { compare: false, drop: false };

#[otp::test]
async fn a_state_that_panics_where_it_is_compared_or_dropped_ends_its_machine_alone(system: System) {
    system.log_crashes(false);
    for (trap, text) in [(Trap { compare: true, ..QUIET }, "compared"), (Trap { drop: true, ..QUIET }, "dropped")] {
        let machine = Trapped::start(&system, QUIET).await.unwrap();
        let _ = machine.call(|from| (trap.clone(), from)).await;
        // The second one drops that state.
        let _ = machine.call(|from| (QUIET, from)).await;
        let ExitReason::Error(crash) = machine.exited().await else { panic!("it crashes") };
        assert_eq!(Crash::message(&crash), text);
        std::mem::forget(trap);
    }
}

#[otp::test]
async fn a_state_that_panics_where_it_is_shown_is_an_error_of_who_asks(system: System) {
    let machine = Trapped::start(&system, QUIET).await.unwrap();
    let status = otp::sys::status(&system, &machine).await;
    assert!(SHOWN.load(Ordering::SeqCst));
    // The machine goes on, whatever became of the text.
    drop(status);
    assert_eq!(machine.call(|from| (QUIET, from)).await, Ok(()));
}

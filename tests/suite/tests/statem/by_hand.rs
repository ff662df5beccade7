//! A machine is data: what its callbacks decide can be looked at without a process.

use futures::executor::block_on;
use otp::prelude::*;
use otp::statem::{Action, Context, Entered, Event, Init, Setting, StateMachine, Timer, Transition};
use std::time::Duration;

struct Turnstile {
    passed: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Arm {
    Locked,
    Open,
}

enum Ask {
    Push(ReplyTo<bool>),
}

struct Coin;

impl StateMachine for Turnstile {
    type Args = ();
    type State = Arm;
    type Call = Ask;
    type Cast = Coin;
    type Info = NoMessage;
    type Internal = &'static str;
    type Timer = &'static str;

    async fn init((): (), ctx: &mut Context<'_, Self>) -> Result<Init<Self>, ExitReason> {
        let _ = ctx;
        Ok(Init::ok(Turnstile { passed: 0 }, Arm::Locked).next_event(Event::Internal("warm up")))
    }

    async fn handle(
        &mut self,
        state: &mut Arm,
        event: Event<Self>,
        _: &mut Context<'_, Self>,
    ) -> Result<Transition<Self>, ExitReason> {
        Ok(match (*state, event) {
            (Arm::Locked, Event::Cast(Coin)) => {
                Transition::next(Arm::Open).timeout("light", Duration::from_secs(1), "off").internal("click")
            }
            (Arm::Open, Event::Call(Ask::Push(from))) => {
                self.passed += 1;
                Transition::next(Arm::Locked).reply(from, true).cancel(Timer::Named("light"))
            }
            (Arm::Open, coin @ Event::Cast(Coin)) => Transition::postpone(coin),
            (Arm::Locked, Event::Internal("broken")) => Transition::stop(ExitReason::other("broken")),
            _ => Transition::repeat(),
        })
    }

    async fn enter(
        &mut self,
        _: Option<&Arm>,
        state: &mut Arm,
        _: &mut Context<'_, Self>,
    ) -> Result<Entered<Self>, ExitReason> {
        Ok(match state {
            Arm::Open => Entered::ok().state_timeout(Duration::from_secs(5), "nobody came"),
            Arm::Locked => Entered::ok(),
        })
    }
}

fn handle(state: Arm, event: Event<Turnstile>) -> Transition<Turnstile> {
    block_on(Turnstile { passed: 0 }.handle(&mut { state }, event, &mut Context::detached())).unwrap()
}

#[test]
fn what_a_callback_decides_is_read_without_a_process() {
    let opens = handle(Arm::Locked, Event::Cast(Coin));
    assert_eq!(opens.next_state(), Some(&Arm::Open));
    let [Action::Timer(timer, Setting::After(after, "off")), Action::NextEvent(Event::Internal("click"))] =
        opens.actions()
    else {
        panic!("{opens:?}")
    };
    assert!(*timer == Timer::Named("light") && *after == Duration::from_secs(1));

    let again = handle(Arm::Open, Event::Cast(Coin));
    assert!(matches!(again.postponed(), Some(Event::Cast(Coin))) && again.next_state().is_none());
    let stops = handle(Arm::Locked, Event::Internal("broken"));
    assert_eq!(stops.stops_with(), Some(&ExitReason::other("broken")));
    assert!(handle(Arm::Locked, Event::StateTimeout("")).actions().is_empty());
}

#[test]
fn the_texts_of_decisions_name_what_they_are() {
    let text = |decided: Transition<Turnstile>| format!("{decided:?}");
    assert_eq!(text(Transition::keep()), "Decision(keep, [])");
    assert_eq!(text(Transition::next(Arm::Open).hibernate()), "Decision(next Open, [Hibernate])");
    assert_eq!(text(Transition::postpone(Event::Cast(Coin))), "Decision(keep, postpone Event(cast), [])");
    let timers = Transition::repeat().event_timeout(Duration::ZERO, "now").update(Timer::State, "later");
    assert_eq!(text(timers), "Decision(repeat, [EventTimeout(after 0ns), StateTimeout(update)])");
    assert_eq!(format!("{:?}", Entered::<Turnstile>::ok()), "Decision(ok, [])");
    let init = block_on(Turnstile::init((), &mut Context::detached())).unwrap();
    assert_eq!(format!("{init:?}"), "Decision(start in Locked, [NextEvent(Event(internal event))])");
}

#[test]
fn a_detached_context_says_that_it_has_no_process() {
    let context = Context::<Turnstile>::detached();
    assert_eq!(format!("{context:?}"), "Context(detached)");
    assert_eq!(
        otp_suite::caught(|| {
            let _ = context.pid();
        }),
        "a detached context has no process"
    );
}

#[otp::test]
async fn the_same_callbacks_run_in_a_process(system: System) {
    let gate = Turnstile::start(&system, ()).await.unwrap();
    gate.cast(Coin);
    gate.cast(Coin);
    assert_eq!(gate.call(Ask::Push).await, Ok(true));
    // The second coin was postponed, and opens it again.
    assert_eq!(gate.call(Ask::Push).await, Ok(true));
    assert_eq!(otp::sys::get_state(&system, &gate, |gate| (gate.state, gate.data.passed)).await, Ok((Arm::Locked, 2)));
}

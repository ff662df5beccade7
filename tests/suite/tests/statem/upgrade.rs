//! A running machine goes to a type with other states: SPEC §20, SYS-12.

use std::time::Duration;

use futures::StreamExt;
use futures::channel::mpsc;
use otp::prelude::*;
use otp::process::Term;
use otp::statem::{Context, Event, Init, Machine, StateMachine, Transition, UpgradeMachine};
use otp::sys::CodeChangeError;

/// What it notes.
type Notes = mpsc::UnboundedSender<String>;

struct Old(Notes);

#[derive(Debug, PartialEq)]
enum OldState {
    Shut,
    Open,
}

struct New(Notes);

/// How far it is open.
type NewState = u8;

/// Changes the state.
struct Turn(ReplyTo<String>);

fn note(notes: &Notes, text: String) {
    notes.unbounded_send(text).unwrap();
}

impl StateMachine for Old {
    type Args = Notes;
    type State = OldState;
    type Call = Turn;
    type Cast = &'static str;
    type Info = NoMessage;
    type Internal = &'static str;
    type Timer = u8;

    async fn init(notes: Notes, _: &mut Context<'_, Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::ok(Old(notes), OldState::Shut))
    }

    /// Postpones what it is told while it is shut, and sets two timers at that.
    async fn handle(
        &mut self,
        _: &mut OldState,
        event: Event<Self>,
        _: &mut Context<'_, Self>,
    ) -> Result<Transition<Self>, ExitReason> {
        Ok(match event {
            event @ Event::Cast(_) => Transition::postpone(event)
                .timeout(7, Duration::from_millis(200), "named")
                .state_timeout(Duration::from_millis(100), "of the state"),
            Event::Call(Turn(from)) => Transition::next(OldState::Open).reply(from, "old".to_owned()),
            event => {
                note(&self.0, format!("old {event:?}"));
                Transition::keep()
            }
        })
    }
}

impl StateMachine for New {
    type Args = Notes;
    type State = NewState;
    type Call = Turn;
    type Cast = &'static str;
    type Info = NoMessage;
    type Internal = &'static str;
    type Timer = u8;

    async fn init(notes: Notes, _: &mut Context<'_, Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::ok(New(notes), 0))
    }

    async fn handle(
        &mut self,
        state: &mut NewState,
        event: Event<Self>,
        _: &mut Context<'_, Self>,
    ) -> Result<Transition<Self>, ExitReason> {
        Ok(match event {
            Event::Call(Turn(from)) => Transition::next(*state + 10).reply(from, format!("new {state}")),
            Event::Cast(text) => {
                note(&self.0, format!("{text} at {state}"));
                Transition::keep()
            }
            Event::StateTimeout(content) | Event::Timeout(7, content) => {
                note(&self.0, format!("{content} at {state}"));
                Transition::keep()
            }
            event => {
                note(&self.0, format!("new {event:?}"));
                Transition::keep()
            }
        })
    }

    async fn enter(
        &mut self,
        old: Option<&NewState>,
        state: &mut NewState,
        _: &mut Context<'_, Self>,
    ) -> Result<otp::statem::Entered<Self>, ExitReason> {
        note(&self.0, format!("from {old:?} to {state}"));
        Ok(otp::statem::Entered::ok())
    }
}

impl UpgradeMachine<Old> for New {
    fn upgrade(old: &Old, state: &OldState, extra: &Term) -> Result<(New, NewState), ExitReason> {
        assert_ne!(extra, &Term::new("panic"), "it cannot be made");
        Ok((New(old.0.clone()), if *state == OldState::Open { 90 } else { 1 }))
    }
}

#[otp::test]
async fn postponed_events_and_timers_stay_and_no_state_is_entered(system: System) {
    let (notes, mut noted) = mpsc::unbounded();
    let machine = Old::start(&system, notes).await.unwrap();
    machine.cast("first");
    machine.cast("second");
    machine.upgrade::<Machine<New>>(Term::new(())).await.unwrap();
    for expected in ["of the state at 1", "named at 1"] {
        assert_eq!(noted.next().await.unwrap(), expected);
    }
    assert_eq!(machine.call(Turn).await.unwrap(), "new 1");
    for expected in ["from Some(1) to 11", "first at 11", "second at 11"] {
        assert_eq!(noted.next().await.unwrap(), expected);
    }
}

#[otp::test]
async fn a_machine_whose_upgrade_panics_goes_on(system: System) {
    let (notes, _noted) = mpsc::unbounded();
    let machine = Old::start(&system, notes).await.unwrap();
    let failed = machine.upgrade::<Machine<New>>(Term::new("panic")).await;
    assert!(matches!(failed, Err(CodeChangeError::Refused { .. })), "{failed:?}");
    assert_eq!(machine.call(Turn).await.unwrap(), "old");
}

//! A machine whose callbacks are closures of the test.

use otp::prelude::*;
use otp::statem::{Context, Entered, Event, Init, StateMachine, Transition};
use otp_suite::journal::{Journal, Recorder, journal};

/// A machine that notes its events, and does what its script says.
pub(crate) struct Scripted {
    script: Script,
    journal: Journal,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    A,
    B(u32),
}

pub(crate) struct Ask(pub(crate) &'static str, pub(crate) ReplyTo<u32>);

pub(crate) type Script = fn(&mut Place, Event<Scripted>) -> Transition<Scripted>;

/// Starts a machine in state A, that is linked to nobody.
pub(crate) async fn start(system: &System, script: Script) -> (otp::statem::MachineRef<Scripted>, Recorder) {
    let (journal, recorder) = journal(system);
    (Scripted::start(system, (script, journal)).await.unwrap(), recorder)
}

/// The event as the journal shows it.
pub(crate) fn text(event: &Event<Scripted>) -> String {
    match event {
        Event::Call(Ask(what, _)) => format!("call {what}"),
        Event::Cast(what) => format!("cast {what}"),
        Event::Internal(what) => format!("internal {what}"),
        Event::StateTimeout(what) => format!("state timeout {what}"),
        Event::EventTimeout(what) => format!("event timeout {what}"),
        Event::Timeout(name, what) => format!("timeout {name} {what}"),
        Event::Info(Info::Message(n)) => format!("info {n}"),
        other => other.kind().to_owned(),
    }
}

impl StateMachine for Scripted {
    type Args = (Script, Journal);
    type State = Place;
    type Call = Ask;
    type Cast = &'static str;
    type Info = u32;
    type Internal = &'static str;
    type Timer = u8;

    async fn init((script, journal): (Script, Journal), _: &mut Context<'_, Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::ok(Scripted { script, journal }, Place::A))
    }

    async fn handle(
        &mut self,
        state: &mut Place,
        event: Event<Self>,
        _: &mut Context<'_, Self>,
    ) -> Result<Transition<Self>, ExitReason> {
        self.journal.note(format!("{state:?}: {}", text(&event)));
        Ok((self.script)(state, event))
    }

    async fn enter(
        &mut self,
        old: Option<&Place>,
        state: &mut Place,
        _: &mut Context<'_, Self>,
    ) -> Result<Entered<Self>, ExitReason> {
        self.journal.note(format!("{old:?} -> {state:?}"));
        Ok(Entered::ok())
    }

    async fn terminate(
        &mut self,
        reason: &ExitReason,
        state: &mut Place,
        _: &mut Context<'_, Self>,
    ) -> Result<(), ExitReason> {
        self.journal.note(format!("terminate {reason} in {state:?}"));
        Ok(())
    }
}

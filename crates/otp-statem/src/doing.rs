//! The texts that describe what a machine is doing, for introspection, debug functions and errors.

use std::fmt;

use otp_core::behaviour::{Act, is_traced, trace};
use otp_core::{Doing, Process};
use otp_genserver::{Incoming, Info};

use crate::event::Event;
use crate::state_machine::StateMachine;

pub(crate) fn handling<M: StateMachine>(event: &Event<M>) -> Doing {
    match event {
        Event::Call(_) => Doing::new(|| "handling a call"),
        Event::Cast(_) => Doing::new(|| "handling a cast"),
        Event::Info(_) => Doing::new(|| "handling a message"),
        Event::Internal(_) => Doing::new(|| "handling an internal event"),
        Event::StateTimeout(_) => Doing::new(|| "handling a state timeout"),
        Event::EventTimeout(_) => Doing::new(|| "handling an event timeout"),
        Event::Timeout(..) => Doing::new(|| "handling a named timeout"),
    }
}

/// Shows debug functions an event of the machine's own: an inserted one, or a timeout. The server shows those that arrive.
pub(crate) fn show<M: StateMachine>(event: &Event<M>, process: &Process) {
    if is_traced(process) {
        trace(process, Act::Handles(&Shown(event)));
    }
}

struct Shown<'a, M: StateMachine>(&'a Event<M>);

impl<M: StateMachine> fmt::Debug for Shown<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Event::Call(call) => M::format_message(&Incoming::Call(call), f),
            Event::Cast(cast) => M::format_message(&Incoming::Cast(cast), f),
            Event::Info(Info::Message(info)) => M::format_message(&Incoming::Info(info), f),
            other => f.write_str(other.kind()),
        }
    }
}

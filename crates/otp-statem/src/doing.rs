//! The texts that describe what a machine is doing, for introspection and errors.

use otp_core::Doing;

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

#![allow(unused_imports)]

use otp::prelude::*;
use otp::state_machine;
use otp::statem::{Event, Init, Transition};

struct Door;

#[state_machine]
#[transitions(Locked => [Open], Open => [Locked, Broken], Broken => [])]
impl Door {
    #[init]
    fn init() -> Init<Self> {
        Init::ok(Door, Locked)
    }

    #[cast]
    fn kick();

    #[state]
    fn locked(&mut self, event: Event<Self>) -> Transition<Self, Locked> {
        match event {
            Event::Cast(DoorCast::Kick) => Transition::next(Broken),
            _ => Transition::keep(),
        }
    }

    #[state]
    fn open(&mut self, _: Event<Self>) -> Transition<Self, Open> {
        Transition::next(Broken)
    }

    #[state]
    fn broken(&mut self, _: Event<Self>) -> Transition<Self, Broken> {
        Transition::keep()
    }
}

fn main() {}

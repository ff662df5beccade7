#![allow(unused_imports)]

use otp::prelude::*;
use otp::state_machine;
use otp::statem::{Event, Init, Transition};

struct Door;

#[state_machine]
#[transitions(Locked => [Open], Open => [])]
impl Door {
    #[init]
    fn init() -> Init<Self> {
        Init::ok(Door, DoorState::Locked)
    }

    #[state]
    fn locked(&mut self, _: Event<Self>) -> Transition<Self, Locked> {
        Transition::next(DoorState::Open)
    }

    #[state]
    fn open(&mut self, _: Event<Self>) -> Transition<Self, Open> {
        Transition::keep()
    }
}

fn main() {}

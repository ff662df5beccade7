#![allow(unused_imports)]

use otp::prelude::*;
use otp::state_machine;
use otp::statem::{Event, Init, Transition};

struct Door;

#[state_machine]
impl Door {
    #[init]
    fn init() -> Self {
        Door
    }

    #[cast]
    fn kick(&mut self) -> Transition<Self> {
        Transition::keep()
    }

    #[state]
    fn locked(&mut self, _: Event<Self>) -> bool {
        true
    }

    #[enter(Locked)]
    fn locks(&mut self) -> u8 {
        1
    }
}

fn main() {}

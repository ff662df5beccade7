#![allow(unused_imports)]

use otp::prelude::*;
use otp::state_machine;
use otp::statem::{Event, Init, Transition};

struct Door;

#[state_machine]
impl Door {
    #[init]
    fn init() -> Init<Self> {
        Init::ok(Door, DoorState::Locked { attempts: 0 })
    }

    #[call]
    fn pass(&self) -> bool;

    #[call]
    fn wait(from: ReplyTo<u32>);

    #[cast]
    async fn kick() -> u32;

    fn helper();

    #[state]
    fn bare();

    #[internal]
    fn close(&self) {}

    #[state]
    fn locked(&mut self, attempts: u32, event: Event<Self>) {
        let _ = (attempts, event);
    }

    #[state]
    fn open(&mut self) -> Transition<Self> {
        Transition::keep()
    }

    #[enter(Opn)]
    fn opens(&mut self) {}

    #[enter(Open)]
    fn also(&mut self, attempts: &mut u32) {
        let _ = attempts;
    }

    #[exit]
    fn leaves(&mut self) {}

    #[info(timeout)]
    fn late(&mut self) {}

    #[state]
    const STATE: u8 = 0;
}

fn main() {}

#![allow(unused_imports)]

use otp::prelude::*;
use otp::state_machine;
use otp::statem::{Event, Init, Transition};

struct Door;

#[state_machine]
impl Door {
    #[call]
    fn pass();
}

fn main() {}

use otp::prelude::*;

#[otp::main]
fn main(system: System) {
    drop(system);
}

use otp::prelude::*;

#[otp::main(threads = 2)]
async fn main(system: System) {
    drop(system);
}

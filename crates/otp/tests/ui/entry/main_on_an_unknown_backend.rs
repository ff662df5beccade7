use otp::prelude::*;

#[otp::main(backend = "async-std")]
async fn main(system: System) {
    drop(system);
}

use otp::prelude::*;

#[otp::main]
async fn main<T>(system: System) {
    drop(system);
}

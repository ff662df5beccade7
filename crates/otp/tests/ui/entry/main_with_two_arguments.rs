use otp::prelude::*;

#[otp::main]
async fn main(system: System, arguments: Vec<String>) {
    drop((system, arguments));
}

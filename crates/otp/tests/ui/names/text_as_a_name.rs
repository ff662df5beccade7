use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }
}

async fn start(system: &System) {
    Counter::start(system, ()).name("counter").await.unwrap();
}

fn main() {}

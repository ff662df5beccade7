use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }
}

struct Shard;

#[gen_server]
impl Shard {
    #[init]
    fn init() -> Self {
        Self
    }
}

const COUNTER: ServerName<Counter> = ServerName::new("counter");

async fn start(system: &System) {
    Shard::start(system, ()).name(COUNTER).await.unwrap();
}

fn main() {}

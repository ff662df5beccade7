use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }
}

const COUNTER: ServerName<Counter> = ServerName::new("counter");

async fn start(system: &System) {
    Supervisor::new(Strategy::OneForOne).start(system).name(COUNTER).await.unwrap();
}

fn main() {}

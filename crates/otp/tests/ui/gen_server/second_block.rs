use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    fn value(&self) -> i64 {
        0
    }
}

#[gen_server]
impl Counter {
    #[call]
    fn double(&self, ctx: &mut Context<Self>) -> i64 {
        drop(ctx.server());
        self.value() * 2
    }

    #[cast]
    fn reset(&mut self) -> Next<Self> {
        Next::Receive
    }
}

#[otp::main]
async fn main(system: System) {
    let counter = Counter::start(&system, ()).await.unwrap();
    counter.value().await.unwrap();
}

use otp::prelude::*;

struct Counter;

type Ctx = Context<Counter>;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    fn value(&self, ctx: &mut Ctx) -> i64 {
        drop(ctx.server());
        0
    }
}

#[otp::main]
async fn main(system: System) {
    Counter::start(&system, ()).await.unwrap();
}

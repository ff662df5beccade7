use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[cast]
    fn reset(&mut self, from: ReplyTo<i64>) {
        from.reply(0);
    }
}

fn main() {}

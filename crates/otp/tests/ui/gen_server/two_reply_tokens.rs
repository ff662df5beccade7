use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    fn value(&self, first: ReplyTo<i64>, second: ReplyTo<i64>) {
        first.reply(1);
        second.reply(2);
    }
}

fn main() {}

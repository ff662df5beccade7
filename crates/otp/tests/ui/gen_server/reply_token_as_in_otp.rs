use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    fn value(&self, from: From<i64>) {
        from.reply(0);
    }
}

fn main() {}

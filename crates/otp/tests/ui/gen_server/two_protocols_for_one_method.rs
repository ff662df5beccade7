use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call(Storage, Health)]
    fn value(&self) -> i64 {
        0
    }
}

fn main() {}

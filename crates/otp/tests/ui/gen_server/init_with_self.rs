use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init(&self) -> Self {
        Self
    }
}

fn main() {}

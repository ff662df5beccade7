use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    fn value(&self) -> Next<Self> {
        Next::Receive
    }
}

fn main() {}

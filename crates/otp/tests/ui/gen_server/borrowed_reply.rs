use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    fn name(&self) -> &str {
        "counter"
    }
}

fn main() {}

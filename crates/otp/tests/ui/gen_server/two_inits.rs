use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[init]
    fn again() -> Self {
        Self
    }
}

fn main() {}

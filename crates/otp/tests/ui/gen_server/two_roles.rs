use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    #[cast]
    fn reset(&mut self) {}
}

fn main() {}

use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[info(up)]
    fn up(&mut self) {}
}

fn main() {}

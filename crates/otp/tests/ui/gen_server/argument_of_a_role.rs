use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[terminate(fast)]
    fn terminate(&mut self) {}
}

fn main() {}

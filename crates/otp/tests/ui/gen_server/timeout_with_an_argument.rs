use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[info(timeout)]
    fn idle(&mut self, since: u64) {
        let _ = since;
    }
}

fn main() {}

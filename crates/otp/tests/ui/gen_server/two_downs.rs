use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[info(down)]
    fn first(&mut self, _: Down) {}

    #[info(down)]
    fn second(&mut self, _: Down) {}
}

fn main() {}

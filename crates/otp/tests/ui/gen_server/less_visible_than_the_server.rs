use otp::prelude::*;

pub struct Counter;

#[gen_server(vis = pub(self))]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[cast]
    fn reset(&mut self) {}
}

fn main() {}

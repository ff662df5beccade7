use otp::prelude::*;

struct Counter;

#[gen_server(thread = true)]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }
}

fn main() {}

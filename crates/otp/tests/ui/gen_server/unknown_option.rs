use otp::prelude::*;

struct Counter;

#[gen_server(visibility = pub)]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }
}

fn main() {}

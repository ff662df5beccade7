use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Result<Self, String> {
        Ok(Self)
    }
}

fn main() {}

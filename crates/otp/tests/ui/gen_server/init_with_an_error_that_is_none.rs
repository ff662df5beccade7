use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Result<Self, u32> {
        Ok(Self)
    }
}

fn main() {}

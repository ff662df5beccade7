use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[cast]
    fn reset(&mut self) -> Result<(), u32> {
        Ok(())
    }
}

fn main() {}

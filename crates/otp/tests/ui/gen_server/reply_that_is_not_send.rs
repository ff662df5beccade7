use std::error::Error;

use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    fn add(&mut self, n: i64) -> Result<i64, Box<dyn Error>> {
        Ok(n)
    }
}

fn main() {}

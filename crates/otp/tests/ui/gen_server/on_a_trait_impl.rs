use otp::prelude::*;

struct Counter;

#[gen_server]
impl Clone for Counter {
    fn clone(&self) -> Self {
        Self
    }
}

fn main() {}

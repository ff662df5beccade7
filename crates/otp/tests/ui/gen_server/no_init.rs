use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[call]
    fn value(&self) -> i64 {
        0
    }
}

fn main() {}

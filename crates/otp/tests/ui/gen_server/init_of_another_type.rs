use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> String {
        String::new()
    }
}

fn main() {}

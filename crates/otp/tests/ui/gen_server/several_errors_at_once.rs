use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    fn first(self, name: &str) -> i64 {
        name.len() as i64
    }

    #[cast]
    #[info]
    fn second() {}

    #[call]
    const START: i64 = 0;
}

fn main() {}

use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    fn put(&mut self, value: impl Into<String>) {
        let _: String = value.into();
    }
}

fn main() {}

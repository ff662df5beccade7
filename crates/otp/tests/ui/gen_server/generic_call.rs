use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    fn put<T: Send + 'static>(&mut self, value: T) {
        drop(value);
    }
}

fn main() {}

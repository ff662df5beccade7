use otp::call::BoxCall;
use otp::prelude::*;

trait Storage {
    fn put(&self, key: String, value: u64) -> BoxCall<Option<u64>>;
    fn value(&self, key: String) -> BoxCall<Option<u64>>;
}

struct Memory;

#[gen_server]
impl Memory {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call(Storage)]
    fn put(&mut self, key: String, value: u64) -> Option<u64> {
        drop(key);
        Some(value)
    }
}

fn main() {}

use otp::call::BoxCall;
use otp::prelude::*;

trait Storage {
    fn put(&self, key: String, value: u64) -> BoxCall<Option<u64>>;
    fn value(&self, key: String) -> BoxCall<Option<u64>>;
    fn clear(&self);
}

struct Memory;

#[gen_server]
impl Memory {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call(Storage)]
    fn put(&mut self, key: String, value: u32) -> Option<u64> {
        drop(key);
        Some(value.into())
    }

    #[call(Storage)]
    fn value(&mut self, key: String) -> u64 {
        drop(key);
        0
    }

    #[cast(Storage)]
    fn clear(&mut self) {}

    #[cast(Storage)]
    fn close(&mut self) {}
}

fn main() {}

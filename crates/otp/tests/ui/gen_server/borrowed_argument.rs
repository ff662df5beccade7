use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    fn put(&mut self, name: &str, bytes: Option<&[u8]>) {
        let _ = (name, bytes);
    }
}

fn main() {}

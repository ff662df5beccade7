use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[format_status]
    async fn format_status(&self) -> String {
        String::new()
    }
}

fn main() {}

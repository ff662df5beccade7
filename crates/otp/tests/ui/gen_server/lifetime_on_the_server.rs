use otp::prelude::*;

struct Counter<'a>(&'a str);

#[gen_server]
impl<'a> Counter<'a> {
    #[init]
    fn init(name: &'static str) -> Self {
        Self(name)
    }
}

fn main() {}

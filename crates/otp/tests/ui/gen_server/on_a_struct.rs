use otp::prelude::*;

#[gen_server]
struct Counter;

fn main() {}

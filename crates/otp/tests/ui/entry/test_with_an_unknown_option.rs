#[otp::test(backend = "smol")]
async fn it_works(system: otp::System) {
    drop(system);
}

fn main() {}

#[otp::test]
async fn it_works(system: otp::System, seed: u64) {
    drop((system, seed));
}

fn main() {}

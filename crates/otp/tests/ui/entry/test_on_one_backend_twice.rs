#[otp::test(backends = [smol, smol])]
async fn it_works(system: otp::System) {
    drop(system);
}

fn main() {}

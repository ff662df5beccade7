#[otp::test]
#[test]
async fn it_works(system: otp::System) {
    drop(system);
}

fn main() {}

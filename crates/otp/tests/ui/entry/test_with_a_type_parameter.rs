#[otp::test]
async fn it_works<T>(system: otp::System) {
    drop(system);
}

fn main() {}

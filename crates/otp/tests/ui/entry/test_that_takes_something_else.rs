// What `#[otp::test]` writes between a test and its cases, without the `#[cfg(test)]`.
async fn it_works(seed: u64) {
    drop(seed);
}

fn body(system: otp::System) -> impl Future<Output = ()> {
    it_works(otp::__test::given(system))
}

fn main() {
    drop(body);
}

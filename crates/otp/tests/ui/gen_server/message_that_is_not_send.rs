use std::rc::Rc;

use otp::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self
    }

    #[call]
    fn add(&mut self, n: Rc<i64>) -> i64 {
        *n
    }
}

#[otp::main]
async fn main(system: System) {
    let counter = Counter::start(&system, ()).await.unwrap();
    assert_eq!(counter.add(Rc::new(1)).await, Ok(1));
}

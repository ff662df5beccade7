use std::rc::Rc;

use otp::prelude::*;

struct Counter(Rc<i64>);

#[gen_server]
impl Counter {
    #[init]
    fn init() -> Self {
        Self(Rc::new(0))
    }

    #[call]
    fn value(&mut self) -> i64 {
        *self.0
    }
}

fn main() {}

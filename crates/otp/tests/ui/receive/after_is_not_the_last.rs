use std::time::Duration;

use otp::{Message, ProcessContext, receive};

async fn body(mut ctx: ProcessContext<u32>) {
    receive! { ctx =>
        after Duration::ZERO => (),
        Message::User(_) => (),
    }
}

fn main() {
    drop(body);
}

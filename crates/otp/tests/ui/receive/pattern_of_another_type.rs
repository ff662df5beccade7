use otp::{Message, ProcessContext, receive};

async fn body(mut ctx: ProcessContext<u32>) {
    receive! { ctx => Message::User(Some(n)) => drop(n) }
}

fn main() {
    drop(body);
}

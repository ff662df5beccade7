use otp::{Message, ProcessContext, receive};

async fn body(mut ctx: ProcessContext<u32>) {
    receive! { ctx => Message::User(n) if n > 3 => drop(n) }
}

fn main() {
    drop(body);
}

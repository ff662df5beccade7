use otp::{Message, ProcessContext, receive};

async fn body(mut ctx: ProcessContext<u32>) {
    receive! { Message::User(n), _ => drop(n) }
    drop(ctx.receive().await);
}

fn main() {
    drop(body);
}

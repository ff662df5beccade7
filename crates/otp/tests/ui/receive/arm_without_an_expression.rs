use otp::{Message, ProcessContext, receive};

async fn body(mut ctx: ProcessContext<u32>) {
    receive! { ctx =>
        Message::User(1) => (),
        Message::User(2),
    }
}

fn main() {
    drop(body);
}

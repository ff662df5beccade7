struct Program;

impl Program {
    #[otp::main]
    async fn run(self) {}
}

fn main() {}

//! A counter under a supervisor, crashed on purpose, and back.
#![allow(clippy::print_stdout, reason = "an example talks to its reader")]

use otp::prelude::*;

struct Counter(i64);

#[gen_server]
impl Counter {
    #[init]
    fn init(start: i64) -> Self {
        Counter(start)
    }

    #[call]
    fn add(&mut self, n: i64) -> i64 {
        self.0 = self.0.checked_add(n).expect("the counter overflows");
        self.0
    }
}

const COUNTER: ServerName<Counter> = ServerName::new("counter");

#[otp::main]
async fn main(system: System) -> Result<(), Box<dyn std::error::Error>> {
    Supervisor::new(Strategy::OneForOne).child(Counter::child(40).name(COUNTER)).start(&system).await?;

    let counter = ServerRef::named(&system, COUNTER);
    println!("40 + 2 = {}", counter.add(2).await?);

    let mut events = system.subscribe();
    let crash = counter.add(i64::MAX).await.unwrap_err();
    println!("{crash}");
    while !matches!(events.next().await.downcast_ref(), Some(SupervisorEvent::Restarted { .. })) {}
    println!("restarted: 40 + 1 = {}", counter.add(1).await?);
    Ok(())
}

//! Many small servers, and those who keep them busy.

use std::time::Duration;

use otp::prelude::*;
use otp::process::SpawnOptions;
use otp::supervisor::{ChildSpec, SupervisorName};

/// The supervisor of the carts.
pub(crate) struct Carts;

impl Carts {
    pub(crate) const NAME: SupervisorName<otp::supervisor::Dynamic> = SupervisorName::new("carts");
}

/// What somebody is about to buy.
pub(crate) struct Cart(u64);

#[gen_server]
impl Cart {
    #[init]
    fn init((): ()) -> Self {
        Cart(0)
    }

    #[cast]
    fn add(&mut self, apples: u64) {
        self.0 += apples;
    }

    #[format_status]
    fn format_status(&self) -> String {
        format!("Cart {{ apples: {} }}", self.0)
    }
}

/// How often the visitors put something into carts.
const TICK: Duration = Duration::from_millis(10);

/// The process that opens the carts, and then puts something into them, `rate` times in a second.
pub(crate) fn visitors(carts: u64, rate: u64) -> ChildSpec<ProcessRef<()>> {
    ChildSpec::worker("visitors", async move |supervisor: Process| {
        let options = SpawnOptions::new().label("visitors").link();
        let body = move |mut ctx: ProcessContext<()>| async move {
            let supervisor = SupervisorRef::named(ctx.system(), Carts::NAME);
            let mut open = Vec::new();
            for _ in 0..carts {
                open.extend(supervisor.start_child(Cart::child(())).await?);
            }
            let mut next = 0;
            let mut due = ctx.system().now();
            loop {
                let now = ctx.system().now();
                let passed = (now - due).min(Duration::from_millis(100));
                due = now;
                for _ in 0..(passed.as_micros() as u64 * rate / 1_000_000) {
                    open[next % open.len()].add(1);
                    next += 1;
                    if next.is_multiple_of(256) {
                        ctx.yield_now().await;
                    }
                }
                ctx.receive_timeout(TICK).await;
            }
            #[allow(unreachable_code, reason = "it says what the errors are")]
            Ok::<(), ExitReason>(())
        };
        supervisor.spawn_with(options, body).map(|spawned| spawned.process)
    })
}

use std::time::Duration;

use otp::dist::Cluster;
use otp::etf::{Pid as WirePid, Reference};
use otp::prelude::*;

pub(crate) const SOAK: ServerName<Soak> = ServerName::new("soak");

/// The server of a node, which `soak.exs` has, too.
pub(crate) struct Soak(Cluster);

#[gen_server(remote)]
impl Soak {
    #[init]
    fn init(cluster: Cluster) -> Self {
        Soak(cluster)
    }

    #[call]
    fn echo(&mut self, n: u64) -> u64 {
        n
    }

    /// Answers after some time, in which the caller may have given up, or be gone.
    #[call]
    fn later(&mut self, n: u64, ms: u64, from: ReplyTo<u64>, ctx: &mut Context<Self>) {
        ctx.spawn(async move |ctx: ProcessContext<()>| {
            ctx.system().sleep(Duration::from_millis(ms)).await;
            from.reply(n);
        });
    }

    /// Starts a process that ends after some time.
    #[call]
    fn mortal(&mut self, ms: u64, ctx: &mut Context<Self>) -> WirePid {
        let mortal = ctx.system().spawn(async move |mut ctx: ProcessContext<()>| {
            ctx.receive_timeout(Duration::from_millis(ms)).await;
            ExitReason::other("it was time")
        });
        self.0.wire_pid(mortal.pid()).expect("it is here")
    }

    /// Sends to an alias.
    #[cast]
    async fn tell(&mut self, alias: Reference) {
        let _ = self.0.behind(&alias).send(&"told").await;
    }
}

//! A server that goes from one type to another and back, by `ServerRef::upgrade`.

use otp::gen_server::Upgrade;
use otp::prelude::*;
use otp::process::Term;

use super::Subject;

/// A version of the server. Both have the same messages.
struct Version<const N: u64> {
    counts: Vec<u64>,
}

/// Adds one to the count of a caller, and answers with the version and the count.
struct Add(usize, ReplyTo<(u64, u64)>);

impl<const N: u64> GenServer for Version<N> {
    type Args = usize;
    type Call = Add;
    type Cast = NoMessage;
    type Info = NoMessage;
    type Continue = NoMessage;

    async fn init(callers: usize, _: &mut Context<Self>) -> Result<Init<Self>, ExitReason> {
        Ok(Init::Ok(Version { counts: vec![0; callers] }))
    }

    async fn handle_call(&mut self, call: Add, _: &mut Context<Self>) -> Result<Next<Self>, ExitReason> {
        let Add(caller, from) = call;
        self.counts[caller] += 1;
        from.reply((N, self.counts[caller]));
        Ok(Next::Receive)
    }
}

impl<const N: u64, const M: u64> Upgrade<Version<M>> for Version<N> {
    fn upgrade(old: &Version<M>, _: &Term) -> Result<Self, ExitReason> {
        Ok(Version { counts: old.counts.clone() })
    }
}

pub(super) struct Plain(ServerRef<Version<0>>);

impl Plain {
    pub(super) async fn start(system: &System, callers: usize) -> Result<Self, String> {
        Version::start(system, callers).await.map(Self).map_err(|error| error.to_string())
    }
}

impl Subject for Plain {
    fn release(&self, swaps: u64) -> u64 {
        swaps % 2
    }

    async fn add(&self, caller: usize) -> Result<(u64, u64), String> {
        self.0.call(|from| Add(caller, from)).no_timeout().await.map_err(|error| error.to_string())
    }

    async fn swap(&self, swaps: u64) -> Result<(), String> {
        let swapped = match self.release(swaps) {
            0 => self.0.retyped::<Version<1>>().upgrade::<Version<0>>(Term::new(())).await,
            _ => self.0.upgrade::<Version<1>>(Term::new(())).await,
        };
        swapped.map_err(|error| error.to_string())
    }
}

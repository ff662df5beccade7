//! Servers, as `#[gen_server]` writes them.

use std::ops::ControlFlow;
use std::sync::OnceLock;
use std::time::Duration;

use otp::prelude::*;
use otp::sys::{self, Limit, SysEvent};
use otp::telemetry::{Metrics, Spans};

use super::Otp;
use super::telemetry::Atomics;
use crate::backends::Backend;
use crate::listener;
use crate::workloads::call::{Outside, Servers};
use crate::workloads::call_busy::{NAP, Nappers};
use crate::workloads::cast::Casts;
use crate::workloads::cast_bounded::{BOUND, BoundedCasts};
use crate::workloads::fan_out::{Burners, burn};
use crate::workloads::overload::{AGE, LIMIT, Overloaded, WORK};
use crate::workloads::spawn::Stops;
use crate::workloads::watched::{How, Watched};

pub struct Adder(u64);

#[gen_server]
impl Adder {
    #[init]
    fn init() -> Self {
        Adder(0)
    }

    #[call]
    fn add(&mut self, n: u64) -> u64 {
        self.0 += n;
        self.0
    }

    #[cast]
    fn put(&mut self, n: u64) {
        self.0 += n;
    }
}

impl<B: Backend> Servers for Otp<B> {
    type Server = ServerRef<Adder>;

    async fn start_server(&self) -> ServerRef<Adder> {
        Adder::start(&self.system, ()).await.expect("it starts")
    }

    async fn call(server: &ServerRef<Adder>, n: u64) -> u64 {
        server.add(n).await.expect("it answers")
    }

    async fn call_unlimited(server: &ServerRef<Adder>, n: u64) -> u64 {
        server.add(n).no_timeout().await.expect("it answers")
    }
}

impl<B: Backend> Watched for Otp<B> {
    async fn watch(&self, server: &ServerRef<Adder>, how: How) {
        let system = &self.system;
        let done = match how {
            How::NotAnyMore => {
                sys::keep_log(system, server, 100).await.expect("it is a server");
                sys::no_debug(system, server).await
            }
            How::Counted => sys::keep_statistics(system, server, true).await,
            How::Logged => sys::keep_log(system, server, 100).await,
            How::Traced => {
                let seen = |_: &SysEvent| ControlFlow::Continue(());
                sys::install(system, server, Limit::none(), seen).await.map(drop)
            }
            How::Measured => {
                once(system, || drop(Metrics::new().recorder(Atomics).start(system)));
                Ok(())
            }
            How::Spanned => {
                once(system, || {
                    listener::listen();
                    drop(Spans::new().start(system));
                });
                Ok(())
            }
        };
        done.expect("it is a server");
    }
}

/// Begins to watch a whole system, in its first round.
fn once(system: &System, begin: impl FnOnce()) {
    if system.slot::<OnceLock<()>>().set(()).is_ok() {
        begin();
    }
}

impl<B: Backend> Outside for Otp<B> {
    fn task<T, F>(&self, task: F) -> impl Future<Output = T> + Send
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.backend.join(task)
    }
}

impl<B: Backend> Casts for Otp<B> {
    async fn cast(server: &ServerRef<Adder>, n: u64) {
        server.put(n);
    }
}

impl<B: Backend> Stops for Otp<B> {
    async fn stop(server: ServerRef<Adder>) {
        server.stop().await.expect("it stops");
    }
}

pub struct Napper(u64);

#[gen_server]
impl Napper {
    #[init]
    fn init() -> Self {
        Napper(0)
    }

    #[call]
    async fn nap(&mut self, ctx: &mut Context<Self>) -> u64 {
        ctx.system().sleep(NAP).await;
        self.0 += 1;
        self.0
    }
}

impl<B: Backend> Nappers for Otp<B> {
    type Napper = ServerRef<Napper>;

    async fn start_napper(&self) -> ServerRef<Napper> {
        Napper::start(&self.system, ()).await.expect("it starts")
    }

    async fn nap(napper: &ServerRef<Napper>) -> u64 {
        napper.nap().await.expect("it answers")
    }

    async fn end_napper(napper: ServerRef<Napper>) {
        napper.exit(ExitReason::Shutdown);
    }
}

impl<B: Backend> BoundedCasts for Otp<B> {
    type Bounded = ServerRef<Adder>;

    async fn start_bounded(&self) -> ServerRef<Adder> {
        Adder::start(&self.system, ()).mailbox(BOUND).await.expect("it starts")
    }

    async fn cast_when_room(server: &ServerRef<Adder>, n: u64) {
        server.cast_when_room(AdderCast::Put(n)).await.expect("the server lives");
    }

    async fn sum(server: &ServerRef<Adder>) -> u64 {
        server.add(0).await.expect("it answers")
    }
}

pub struct Slow;

#[gen_server]
impl Slow {
    #[init]
    fn init() -> Self {
        Slow
    }

    #[call]
    async fn work(&mut self, ctx: &mut Context<Self>) {
        ctx.system().sleep(WORK).await;
    }
}

impl<B: Backend> Overloaded for Otp<B> {
    type Slow = ServerRef<Slow>;

    async fn start_slow(&self, sheds: bool) -> ServerRef<Slow> {
        let start = Slow::start(&self.system, ());
        let start = if sheds { start.max_queue_age(AGE).skip_expired(true) } else { start };
        start.await.expect("it starts")
    }

    async fn work(slow: &ServerRef<Slow>) -> bool {
        slow.work().timeout(LIMIT).await.is_ok()
    }

    async fn pause(&self, time: Duration) {
        self.system.sleep(time).await;
    }

    async fn end_slow(slow: ServerRef<Slow>) {
        slow.exit(ExitReason::Shutdown);
    }
}

pub struct Burner;

#[gen_server]
impl Burner {
    #[init]
    fn init() -> Self {
        Burner
    }

    #[call]
    fn compute(&mut self) -> u64 {
        burn()
    }
}

impl<B: Backend> Burners for Otp<B> {
    type Burner = ServerRef<Burner>;

    async fn start_burner(&self, _: u64) -> ServerRef<Burner> {
        Burner::start(&self.system, ()).await.expect("it starts")
    }

    async fn call_burner(burner: &ServerRef<Burner>) -> u64 {
        burner.compute().await.expect("it answers")
    }
}

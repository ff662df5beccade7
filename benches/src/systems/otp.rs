//! otp, on each of its backends. Clients are processes.

use otp::ProcessContext;
use otp::prelude::*;

use crate::backends::Backend;
use crate::case::{Entrant, Id};
use crate::countdown::Countdown;
use crate::system::System as Measured;
use crate::workloads::call::{self, Outside, Servers};
use crate::workloads::call_busy::{self, NAP, Nappers};
use crate::workloads::cast::{self, Casts};
use crate::workloads::ring::{self, Nodes};
use crate::workloads::spawn::{self, Spawns, Stops};
use crate::workloads::{memory, ping_pong};

pub fn entrants<B: Backend>() -> Vec<Entrant> {
    [
        call::entrants::<Otp<B>>(),
        call::from_outside::<Otp<B>>(),
        call_busy::entrants::<Otp<B>>(),
        call_busy::with_timer::<Otp<B>>(),
        cast::entrants::<Otp<B>>(),
        ping_pong::entrants::<Otp<B>>(),
        ring::entrants::<Otp<B>>(),
        spawn::entrants::<Otp<B>>(),
        spawn::of_servers::<Otp<B>>(),
        memory::entrants::<Otp<B>>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[derive(Clone)]
struct Otp<B> {
    backend: B,
    system: System,
}

impl<B: Backend> Measured for Otp<B> {
    const ID: Id = Id { name: "otp", backend: B::NAME };
    type Executor = B::Executor;

    fn start() -> (B::Executor, Otp<B>) {
        let (executor, backend) = B::start();
        let system = backend.otp();
        (executor, Otp { backend, system })
    }

    fn client<T, F>(&self, client: F) -> impl Future<Output = T> + Send + 'static
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (done, end) = futures::channel::oneshot::channel();
        self.system.spawn(async move |_: ProcessContext<()>| {
            let _ = done.send(client.await);
        });
        async { end.await.expect("the client was run to its end") }
    }

    fn run<T, F>(&self, executor: &B::Executor, client: F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        B::block_on(executor, self.client(client))
    }
}

struct Adder(u64);

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
    fn cast(server: &ServerRef<Adder>, n: u64) {
        server.put(n);
    }
}

impl<B: Backend> Stops for Otp<B> {
    async fn stop(server: ServerRef<Adder>) {
        server.stop().await.expect("it stops");
    }
}

struct Napper(u64);

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
}

enum Hop {
    Next(ProcessRef<Hop>),
    Token(u64),
}

impl<B: Backend> Nodes for Otp<B> {
    type Node = ProcessRef<Hop>;

    async fn start_node(&self, arrived: Countdown) -> ProcessRef<Hop> {
        self.system.spawn(async move |mut ctx: ProcessContext<Hop>| {
            let mut next = None;
            loop {
                match ctx.receive().await {
                    Message::User(Hop::Next(node)) => next = Some(node),
                    Message::User(Hop::Token(0)) => arrived.count(),
                    Message::User(Hop::Token(left)) => {
                        let next: &ProcessRef<Hop> = next.as_ref().expect("it was told who is next");
                        next.try_send(Hop::Token(left - 1)).expect("the next one is there");
                    }
                    _ => unreachable!("nothing is linked or monitored"),
                }
            }
        })
    }

    fn link(node: &ProcessRef<Hop>, next: ProcessRef<Hop>) {
        node.try_send(Hop::Next(next)).expect("it is there");
    }

    fn send(node: &ProcessRef<Hop>, token: u64) {
        node.try_send(Hop::Token(token)).expect("it is there");
    }
}

impl<B: Backend> Spawns for Otp<B> {
    async fn spawn(&self, ended: Countdown) {
        self.system.spawn(async move |_: ProcessContext<u64>| ended.count());
    }
}

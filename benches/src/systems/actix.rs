//! actix, on arbiters: each is a thread with actors of its own. Clients and servers share one, where calls are cheapest;
//! only servers that compute are spread over two.

use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use actix::prelude::*;
use tokio::sync::oneshot;

use super::LeftOut;
use crate::case::{Entrant, Id};
use crate::countdown::Countdown;
use crate::system::System as Measured;
use crate::workloads::call::{self, LIMIT, Servers};
use crate::workloads::call_busy::{self, NAP, Nappers};
use crate::workloads::cast::{self, Casts};
use crate::workloads::fan_out::{self, Burners, burn};
use crate::workloads::ring::{self, Nodes};
use crate::workloads::spawn::{self, Spawns, Stops};
use crate::workloads::{idle, memory, ping_pong, tail};

/// What it takes no part in, and why.
pub const LEFT_OUT: LeftOut = &[
    ("overload", "it compares otp with a mailbox policy and without"),
    ("watched", "it compares otp with somebody who looks into a server, and without"),
    ("groups", "no groups"),
    ("topic", "no topics"),
    ("call/outside", "clients are tasks in any case"),
    ("cast-bounded", "who waits for room waits for the handler too"),
    ("selective", "no selective receive"),
    ("restart", "a panic ends the thread of the arbiter, with all its actors"),
    ("names", "the registry is one of types"),
    ("timers", "an actor sets its timers itself, in a handler"),
    ("registry", "the registry is one of types"),
    ("table", "no tables"),
];

pub fn entrants() -> Vec<Entrant> {
    [
        call::entrants::<Actix>(),
        call_busy::entrants::<Actix>(),
        call_busy::with_timer::<Actix>(),
        fan_out::entrants::<Actix>(),
        cast::entrants::<Actix>(),
        ping_pong::entrants::<Actix>(),
        ring::entrants::<Actix>(),
        spawn::entrants::<Actix>(),
        spawn::of_servers::<Actix>(),
        memory::entrants::<Actix>(),
        tail::entrants::<Actix>(),
        idle::entrants::<Actix>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[derive(Clone)]
pub struct Actix {
    arbiters: [ArbiterHandle; 2],
}

/// The thread of the system, which ends with it.
pub struct Running {
    system: System,
    thread: Option<JoinHandle<()>>,
}

impl Measured for Actix {
    const ID: Id = Id { name: "actix", backend: "tokio" };
    type Executor = Running;

    fn start() -> (Running, Actix) {
        let (ready, started) = mpsc::channel();
        let thread = thread::spawn(move || {
            let runner = System::new();
            let arbiters = runner.block_on(async { [Arbiter::new().handle(), Arbiter::new().handle()] });
            ready.send((System::current(), arbiters)).expect("somebody waits for them");
            runner.run().expect("the system runs to its end");
        });
        let (system, arbiters) = started.recv().expect("the system starts");
        (Running { system, thread: Some(thread) }, Actix { arbiters })
    }

    fn client<T, F>(&self, client: F) -> impl Future<Output = T> + Send + 'static
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let (done, end) = oneshot::channel();
        self.arbiters[0].spawn(async move {
            let _ = done.send(client.await);
        });
        async { end.await.expect("the client was run to its end") }
    }

    fn run<T, F>(&self, _: &Running, client: F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        futures::executor::block_on(self.client(client))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.system.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the system runs to its end");
        }
    }
}

#[derive(Default)]
pub struct Adder {
    sum: u64,
    /// Told when the actor has stopped.
    stopped: Option<oneshot::Sender<()>>,
}

#[derive(Message)]
#[rtype(u64)]
struct Add(u64);

#[derive(Message)]
#[rtype("()")]
struct Put(u64);

#[derive(Message)]
#[rtype("()")]
struct Stop(oneshot::Sender<()>);

impl Actor for Adder {
    type Context = Context<Adder>;

    fn stopped(&mut self, _: &mut Context<Adder>) {
        if let Some(stopped) = self.stopped.take() {
            let _ = stopped.send(());
        }
    }
}

impl Handler<Add> for Adder {
    type Result = u64;

    fn handle(&mut self, Add(n): Add, _: &mut Context<Adder>) -> u64 {
        self.sum += n;
        self.sum
    }
}

impl Handler<Put> for Adder {
    type Result = ();

    fn handle(&mut self, Put(n): Put, _: &mut Context<Adder>) {
        self.sum += n;
    }
}

impl Handler<Stop> for Adder {
    type Result = ();

    fn handle(&mut self, Stop(stopped): Stop, ctx: &mut Context<Adder>) {
        self.stopped = Some(stopped);
        ctx.stop();
    }
}

impl Servers for Actix {
    type Server = Addr<Adder>;

    async fn start_server(&self) -> Addr<Adder> {
        Adder::default().start()
    }

    async fn call(server: &Addr<Adder>, n: u64) -> u64 {
        server.send(Add(n)).timeout(LIMIT).await.expect("it answers in time")
    }

    async fn call_unlimited(server: &Addr<Adder>, n: u64) -> u64 {
        server.send(Add(n)).await.expect("it answers")
    }
}

impl Casts for Actix {
    async fn cast(server: &Addr<Adder>, n: u64) {
        server.do_send(Put(n));
    }
}

impl Stops for Actix {
    async fn stop(server: Addr<Adder>) {
        let (stopped, end) = oneshot::channel();
        server.do_send(Stop(stopped));
        end.await.expect("it stops");
    }
}

/// Waits, or computes, before it answers.
pub struct Slow(u64);

#[derive(Message)]
#[rtype(u64)]
struct Nap;

#[derive(Message)]
#[rtype(u64)]
struct Burn;

impl Actor for Slow {
    type Context = Context<Slow>;
}

impl Handler<Nap> for Slow {
    type Result = ResponseActFuture<Slow, u64>;

    fn handle(&mut self, _: Nap, _: &mut Context<Slow>) -> ResponseActFuture<Slow, u64> {
        Box::pin(actix::clock::sleep(NAP).into_actor(self).map(|(), slow, _| {
            slow.0 += 1;
            slow.0
        }))
    }
}

impl Handler<Burn> for Slow {
    type Result = u64;

    fn handle(&mut self, _: Burn, _: &mut Context<Slow>) -> u64 {
        burn()
    }
}

impl Nappers for Actix {
    type Napper = Addr<Slow>;

    async fn start_napper(&self) -> Addr<Slow> {
        Slow(0).start()
    }

    async fn nap(napper: &Addr<Slow>) -> u64 {
        napper.send(Nap).timeout(LIMIT).await.expect("it answers in time")
    }
}

impl Burners for Actix {
    type Burner = Addr<Slow>;

    async fn start_burner(&self, place: u64) -> Addr<Slow> {
        Slow::start_in_arbiter(&self.arbiters[place as usize % 2], |_| Slow(0))
    }

    async fn call_burner(burner: &Addr<Slow>) -> u64 {
        burner.send(Burn).timeout(LIMIT).await.expect("it answers in time")
    }
}

pub struct Node {
    next: Option<Addr<Node>>,
    arrived: Countdown,
}

#[derive(Message)]
#[rtype("()")]
struct Next(Addr<Node>);

#[derive(Message)]
#[rtype("()")]
struct Token(u64);

impl Actor for Node {
    type Context = Context<Node>;
}

impl Handler<Next> for Node {
    type Result = ();

    fn handle(&mut self, Next(next): Next, _: &mut Context<Node>) {
        self.next = Some(next);
    }
}

impl Handler<Token> for Node {
    type Result = ();

    fn handle(&mut self, Token(left): Token, _: &mut Context<Node>) {
        if left == 0 {
            return self.arrived.count();
        }
        self.next.as_ref().expect("it was told who is next").do_send(Token(left - 1));
    }
}

impl Nodes for Actix {
    type Node = Addr<Node>;

    async fn start_node(&self, arrived: Countdown) -> Addr<Node> {
        Node { next: None, arrived }.start()
    }

    async fn link(node: &Addr<Node>, next: Addr<Node>) {
        node.do_send(Next(next));
    }

    async fn send(node: &Addr<Node>, token: u64) {
        node.do_send(Token(token));
    }
}

/// Stops as soon as it has started.
struct Brief(Countdown);

impl Actor for Brief {
    type Context = Context<Brief>;

    fn started(&mut self, ctx: &mut Context<Brief>) {
        ctx.stop();
    }

    fn stopped(&mut self, _: &mut Context<Brief>) {
        self.0.count();
    }
}

impl Spawns for Actix {
    async fn spawn(&self, ended: Countdown) {
        Brief(ended).start();
    }
}

//! xtra, on tokio and on smol. It has no time limit for calls; they are limited as its users do, by the executor.

use xtra::{Actor, Address, Context, Handler, Mailbox};

use super::LeftOut;
use crate::backends::Backend;
use crate::case::Entrant;
use crate::countdown::Countdown;
use crate::system::{Library, On};
use crate::workloads::call::{self, LIMIT, Servers};
use crate::workloads::call_busy::{self, NAP, Nappers};
use crate::workloads::cast::{self, Casts};
use crate::workloads::cast_bounded::{self, BOUND, BoundedCasts};
use crate::workloads::fan_out::{self, Burners, burn};
use crate::workloads::ring::{self, Nodes};
use crate::workloads::spawn::{self, Spawns, Stops};
use crate::workloads::{idle, memory, ping_pong, tail};

pub struct Xtra;

impl Library for Xtra {
    const NAME: &'static str = "xtra";
}

type System<B> = On<Xtra, B>;

/// What it takes no part in, and why.
pub const LEFT_OUT: LeftOut = &[
    ("overload", "it compares otp with a mailbox policy and without"),
    ("watched", "it compares otp with somebody who looks into a server, and without"),
    ("groups", "no groups"),
    ("topic", "no topics"),
    ("call/outside", "clients are tasks in any case"),
    ("selective", "no selective receive"),
    ("restart", "no supervisors"),
    ("names", "no names"),
    ("timers", "no timers"),
    ("registry", "no registry"),
    ("table", "no tables"),
];

pub fn entrants<B: Backend>() -> Vec<Entrant> {
    [
        call::entrants::<System<B>>(),
        call_busy::entrants::<System<B>>(),
        call_busy::with_timer::<System<B>>(),
        fan_out::entrants::<System<B>>(),
        cast::entrants::<System<B>>(),
        cast_bounded::entrants::<System<B>>(),
        ping_pong::entrants::<System<B>>(),
        ring::entrants::<System<B>>(),
        spawn::entrants::<System<B>>(),
        spawn::of_servers::<System<B>>(),
        memory::entrants::<System<B>>(),
        tail::entrants::<System<B>>(),
        idle::entrants::<System<B>>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl<B: Backend> System<B> {
    fn start<A: Actor<Stop = ()>>(&self, actor: A, (address, mailbox): (Address<A>, Mailbox<A>)) -> Address<A> {
        self.backend.spawn(xtra::run(mailbox, actor));
        address
    }
}

/// An actor that does nothing when it stops, as xtra's derive writes it.
macro_rules! actor {
    ($actor:ty) => {
        impl Actor for $actor {
            type Stop = ();

            async fn stopped(self) {}
        }
    };
}

pub struct Adder(u64);

actor!(Adder);

struct Add(u64);
struct Put(u64);
struct Stop;

impl Handler<Add> for Adder {
    type Return = u64;

    async fn handle(&mut self, Add(n): Add, _: &mut Context<Self>) -> u64 {
        self.0 += n;
        self.0
    }
}

impl Handler<Put> for Adder {
    type Return = ();

    async fn handle(&mut self, Put(n): Put, _: &mut Context<Self>) {
        self.0 += n;
    }
}

impl Handler<Stop> for Adder {
    type Return = ();

    async fn handle(&mut self, _: Stop, ctx: &mut Context<Self>) {
        ctx.stop_self();
    }
}

impl<B: Backend> Servers for System<B> {
    type Server = Address<Adder>;

    async fn start_server(&self) -> Address<Adder> {
        self.start(Adder(0), Mailbox::unbounded())
    }

    async fn call(server: &Address<Adder>, n: u64) -> u64 {
        B::timeout(LIMIT, server.send(Add(n)).into_future()).await.expect("it answers in time").expect("it answers")
    }

    async fn call_unlimited(server: &Address<Adder>, n: u64) -> u64 {
        server.send(Add(n)).await.expect("it answers")
    }
}

impl<B: Backend> Casts for System<B> {
    async fn cast(server: &Address<Adder>, n: u64) {
        drop(server.send(Put(n)).detach().await.expect("it is there"));
    }
}

impl<B: Backend> BoundedCasts for System<B> {
    type Bounded = Address<Adder>;

    async fn start_bounded(&self) -> Address<Adder> {
        self.start(Adder(0), Mailbox::bounded(BOUND))
    }

    async fn cast_when_room(server: &Address<Adder>, n: u64) {
        drop(server.send(Put(n)).detach().await.expect("it is there"));
    }

    async fn sum(server: &Address<Adder>) -> u64 {
        server.send(Add(0)).await.expect("it answers")
    }
}

impl<B: Backend> Stops for System<B> {
    async fn stop(server: Address<Adder>) {
        server.send(Stop).await.expect("it is there");
        server.join().await;
    }
}

/// Waits, or computes, before it answers.
pub struct Slow(u64);

actor!(Slow);

struct Nap<B>(std::marker::PhantomData<fn() -> B>);
struct Burn;

impl<B: Backend> Handler<Nap<B>> for Slow {
    type Return = u64;

    async fn handle(&mut self, _: Nap<B>, _: &mut Context<Self>) -> u64 {
        B::sleep(NAP).await;
        self.0 += 1;
        self.0
    }
}

impl Handler<Burn> for Slow {
    type Return = u64;

    async fn handle(&mut self, _: Burn, _: &mut Context<Self>) -> u64 {
        burn()
    }
}

impl<B: Backend> Nappers for System<B> {
    type Napper = Address<Slow>;

    async fn start_napper(&self) -> Address<Slow> {
        self.start(Slow(0), Mailbox::unbounded())
    }

    async fn nap(napper: &Address<Slow>) -> u64 {
        let answer = napper.send(Nap::<B>(std::marker::PhantomData)).into_future();
        B::timeout(LIMIT, answer).await.expect("it answers in time").expect("it answers")
    }
}

impl<B: Backend> Burners for System<B> {
    type Burner = Address<Slow>;

    async fn start_burner(&self, _: u64) -> Address<Slow> {
        self.start(Slow(0), Mailbox::unbounded())
    }

    async fn call_burner(burner: &Address<Slow>) -> u64 {
        B::timeout(LIMIT, burner.send(Burn).into_future()).await.expect("it answers in time").expect("it answers")
    }
}

pub struct Node {
    next: Option<Address<Node>>,
    arrived: Countdown,
}

actor!(Node);

struct Next(Address<Node>);
struct Token(u64);

impl Handler<Next> for Node {
    type Return = ();

    async fn handle(&mut self, Next(next): Next, _: &mut Context<Self>) {
        self.next = Some(next);
    }
}

impl Handler<Token> for Node {
    type Return = ();

    async fn handle(&mut self, Token(left): Token, _: &mut Context<Self>) {
        if left == 0 {
            return self.arrived.count();
        }
        let next = self.next.as_ref().expect("it was told who is next");
        drop(next.send(Token(left - 1)).detach().await.expect("the next one is there"));
    }
}

impl<B: Backend> Nodes for System<B> {
    type Node = Address<Node>;

    async fn start_node(&self, arrived: Countdown) -> Address<Node> {
        self.start(Node { next: None, arrived }, Mailbox::unbounded())
    }

    async fn link(node: &Address<Node>, next: Address<Node>) {
        drop(node.send(Next(next)).detach().await.expect("it is there"));
    }

    async fn send(node: &Address<Node>, token: u64) {
        drop(node.send(Token(token)).detach().await.expect("it is there"));
    }
}

/// Stops at once, since nobody keeps its address.
struct Brief(Countdown);

impl Actor for Brief {
    type Stop = ();

    async fn stopped(self) {
        self.0.count();
    }
}

impl<B: Backend> Spawns for System<B> {
    async fn spawn(&self, ended: Countdown) {
        drop(self.start(Brief(ended), Mailbox::unbounded()));
    }
}

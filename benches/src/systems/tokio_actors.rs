//! tokio-actors, on tokio. Its mailboxes always have a bound; where the workload has none, they have room for all.

use tokio_actors::{
    Actor, ActorConfig, ActorContext, ActorExt, ActorHandle, ActorResult, StopReason, SupervisionConfig,
};

use super::LeftOut;
use crate::backends::MultiThread;
use crate::case::Entrant;
use crate::countdown::{Countdown, CountsAtEnd};
use crate::system::{Library, On};
use crate::workloads::call::{self, LIMIT, Servers};
use crate::workloads::call_busy::{self, NAP, Nappers};
use crate::workloads::cast_bounded::{self, BOUND, BoundedCasts};
use crate::workloads::fan_out::{self, Burners, burn};
use crate::workloads::restart::{self, BRANCHES, CRASH, DeepTrees, INTENSITY, LEAVES, PERIOD, Strategy, Trees};
use crate::workloads::ring::{self, Nodes};
use crate::workloads::spawn::{self, Spawns, Stops};
use crate::workloads::{idle, memory, ping_pong, tail};

pub struct TokioActors;

impl Library for TokioActors {
    const NAME: &'static str = "tokio-actors";
}

type System = On<TokioActors, MultiThread>;

/// What it takes no part in, and why.
pub const LEFT_OUT: LeftOut = &[
    ("overload", "it compares otp with a mailbox policy and without"),
    ("watched", "it compares otp with somebody who looks into a server, and without"),
    ("groups", "no groups"),
    ("topic", "no topics"),
    ("call/outside", "clients are tasks in any case"),
    ("cast/", "mailboxes always have a bound"),
    ("selective", "no selective receive"),
    ("names", "an actor has its name from its start on, or never"),
    ("timers", "an actor sets its timers itself, in a handler"),
    ("registry", "no registry of keys"),
    ("table", "no tables"),
];

pub fn entrants() -> Vec<Entrant> {
    [
        call::entrants::<System>(),
        call_busy::entrants::<System>(),
        call_busy::with_timer::<System>(),
        fan_out::entrants::<System>(),
        cast_bounded::entrants::<System>(),
        ping_pong::entrants::<System>(),
        ring::entrants::<System>(),
        spawn::entrants::<System>(),
        spawn::of_servers::<System>(),
        memory::entrants::<System>(),
        tail::entrants::<System>(),
        idle::entrants::<System>(),
        restart::entrants::<System>(),
        restart::of_deep_trees::<System>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub struct Adder(u64);

impl Actor for Adder {
    type Message = u64;
    type Response = u64;

    async fn handle(&mut self, n: u64, _: &mut ActorContext<Adder>) -> ActorResult<u64> {
        self.0 += n;
        Ok(self.0)
    }
}

impl Servers for System {
    type Server = ActorHandle<Adder>;

    async fn start_server(&self) -> ActorHandle<Adder> {
        Adder(0).spawn().await.expect("it starts")
    }

    async fn call(server: &ActorHandle<Adder>, n: u64) -> u64 {
        server.send_timeout(n, LIMIT).await.expect("it answers in time")
    }

    async fn call_unlimited(server: &ActorHandle<Adder>, n: u64) -> u64 {
        server.send(n).await.expect("it answers")
    }
}

impl BoundedCasts for System {
    type Bounded = ActorHandle<Adder>;

    async fn start_bounded(&self) -> ActorHandle<Adder> {
        let config = ActorConfig::default().with_mailbox_capacity(BOUND);
        Adder(0).spawn().with_config(config).await.expect("it starts")
    }

    async fn cast_when_room(server: &ActorHandle<Adder>, n: u64) {
        server.notify(n).await.expect("it is there");
    }

    async fn sum(server: &ActorHandle<Adder>) -> u64 {
        server.send(0).await.expect("it answers")
    }
}

impl Stops for System {
    async fn stop(server: ActorHandle<Adder>) {
        server.stop(StopReason::Graceful).await.expect("it is there");
        server.wait_stopped().await;
    }
}

/// Waits, or computes, before it answers.
pub struct Slow(u64);

pub enum Task {
    Nap,
    Burn,
}

impl Actor for Slow {
    type Message = Task;
    type Response = u64;

    async fn handle(&mut self, task: Task, _: &mut ActorContext<Slow>) -> ActorResult<u64> {
        match task {
            Task::Nap => {
                tokio::time::sleep(NAP).await;
                self.0 += 1;
                Ok(self.0)
            }
            Task::Burn => Ok(burn()),
        }
    }
}

impl Nappers for System {
    type Napper = ActorHandle<Slow>;

    async fn start_napper(&self) -> ActorHandle<Slow> {
        Slow(0).spawn().await.expect("it starts")
    }

    async fn nap(napper: &ActorHandle<Slow>) -> u64 {
        napper.send_timeout(Task::Nap, LIMIT).await.expect("it answers in time")
    }

    async fn end_napper(napper: ActorHandle<Slow>) {
        napper.stop(StopReason::Graceful).await.expect("it is there");
    }
}

impl Burners for System {
    type Burner = ActorHandle<Slow>;

    async fn start_burner(&self, _: u64) -> ActorHandle<Slow> {
        Slow(0).spawn().await.expect("it starts")
    }

    async fn call_burner(burner: &ActorHandle<Slow>) -> u64 {
        burner.send_timeout(Task::Burn, LIMIT).await.expect("it answers in time")
    }
}

pub struct Node {
    next: Option<ActorHandle<Node>>,
    arrived: Countdown,
}

pub enum Hop {
    Next(ActorHandle<Node>),
    Token(u64),
}

impl Actor for Node {
    type Message = Hop;
    type Response = ();

    async fn handle(&mut self, hop: Hop, _: &mut ActorContext<Node>) -> ActorResult<()> {
        match hop {
            Hop::Next(node) => self.next = Some(node),
            Hop::Token(0) => self.arrived.count(),
            Hop::Token(left) => {
                let next = self.next.as_ref().expect("it was told who is next");
                next.notify(Hop::Token(left - 1)).await.expect("the next one is there");
            }
        }
        Ok(())
    }
}

impl Nodes for System {
    type Node = ActorHandle<Node>;

    async fn start_node(&self, arrived: Countdown) -> ActorHandle<Node> {
        Node { next: None, arrived }.spawn().await.expect("it starts")
    }

    async fn link(node: &ActorHandle<Node>, next: ActorHandle<Node>) {
        node.notify(Hop::Next(next)).await.expect("it is there");
    }

    async fn send(node: &ActorHandle<Node>, token: u64) {
        node.notify(Hop::Token(token)).await.expect("it is there");
    }
}

/// Is told to stop as soon as it has been started.
struct Brief(Countdown);

impl Actor for Brief {
    type Message = ();
    type Response = ();

    async fn handle(&mut self, (): (), _: &mut ActorContext<Brief>) -> ActorResult<()> {
        Ok(())
    }

    async fn on_stopped(&mut self, _: &StopReason, _: &mut ActorContext<Brief>) -> ActorResult<()> {
        self.0.count();
        Ok(())
    }
}

impl Spawns for System {
    async fn spawn(&self, ended: Countdown) {
        let brief = Brief(ended).spawn().await.expect("it starts");
        brief.stop(StopReason::Graceful).await.expect("it is there");
    }
}

pub struct Fragile(Countdown);

pub enum Order {
    Crash,
    Answer,
}

impl Actor for Fragile {
    type Message = Order;
    type Response = ();

    async fn on_started(&mut self, _: &mut ActorContext<Fragile>) -> ActorResult<()> {
        self.0.count();
        Ok(())
    }

    async fn handle(&mut self, order: Order, _: &mut ActorContext<Fragile>) -> ActorResult<()> {
        match order {
            Order::Crash => panic!("{CRASH}"),
            Order::Answer => Ok(()),
        }
    }
}

/// Starts children when it starts.
pub struct Supervisor {
    children: u64,
    started: Countdown,
}

const FIRST: &str = "first";

impl Actor for Supervisor {
    type Message = ();
    type Response = ();

    async fn on_started(&mut self, ctx: &mut ActorContext<Supervisor>) -> ActorResult<()> {
        for n in 0..self.children {
            let started = self.started.clone();
            let name = if n == 0 { FIRST.to_owned() } else { format!("child {n}") };
            let child = ctx.spawn_child(move || Fragile(started.clone())).named(name).await;
            child.expect("it starts");
        }
        Ok(())
    }

    async fn handle(&mut self, (): (), _: &mut ActorContext<Supervisor>) -> ActorResult<()> {
        Ok(())
    }
}

fn first() -> Option<ActorHandle<Fragile>> {
    tokio_actors::ActorSystem::default().get(FIRST)
}

impl Trees for System {
    type Tree = ActorHandle<Supervisor>;

    async fn start_tree(&self, strategy: Strategy, children: u64, started: Countdown) -> ActorHandle<Supervisor> {
        let config = match strategy {
            Strategy::OneForOne => SupervisionConfig::one_for_one(),
            Strategy::OneForAll => SupervisionConfig::one_for_all(),
        };
        let supervisor = Supervisor { children, started }.spawn();
        supervisor.with_supervision(config.max_restarts(INTENSITY, PERIOD)).await.expect("it starts")
    }

    async fn crash(_: &ActorHandle<Supervisor>) {
        first().expect("it is there").notify(Order::Crash).await.expect("it is there");
    }

    async fn answers(_: &ActorHandle<Supervisor>) -> bool {
        match first() {
            Some(first) => first.send_timeout(Order::Answer, LIMIT).await.is_ok(),
            None => false,
        }
    }

    async fn stop(tree: ActorHandle<Supervisor>) {
        tree.stop(StopReason::Graceful).await.expect("it is there");
        tree.wait_stopped().await;
    }
}

struct Leaf {
    _end: CountsAtEnd,
}

impl Actor for Leaf {
    type Message = ();
    type Response = ();

    async fn handle(&mut self, (): (), _: &mut ActorContext<Leaf>) -> ActorResult<()> {
        Ok(())
    }
}

/// Starts what is below it.
pub struct Branch {
    top: bool,
    ended: Countdown,
}

impl Actor for Branch {
    type Message = ();
    type Response = ();

    async fn on_started(&mut self, ctx: &mut ActorContext<Branch>) -> ActorResult<()> {
        let ended = self.ended.clone();
        if self.top {
            let config = ActorConfig::default().with_supervision(SupervisionConfig::one_for_one());
            for _ in 0..BRANCHES {
                let ended = ended.clone();
                let branch = ctx.spawn_child(move || Branch { top: false, ended: ended.clone() });
                branch.with_config(config.clone()).await.expect("it starts");
            }
        } else {
            for _ in 0..LEAVES {
                let ended = ended.clone();
                let leaf = ctx.spawn_child(move || Leaf { _end: CountsAtEnd(ended.clone()) });
                leaf.await.expect("it starts");
            }
        }
        Ok(())
    }

    async fn handle(&mut self, (): (), _: &mut ActorContext<Branch>) -> ActorResult<()> {
        Ok(())
    }
}

impl DeepTrees for System {
    type Deep = (ActorHandle<Branch>, Countdown);

    async fn start_deep(&self) -> Self::Deep {
        let ended = Countdown::new(BRANCHES * LEAVES);
        let top = Branch { top: true, ended: ended.clone() }.spawn().supervisor().await.expect("it starts");
        (top, ended)
    }

    async fn stop_deep((top, ended): Self::Deep) {
        top.stop(StopReason::Graceful).await.expect("it is there");
        top.wait_stopped().await;
        (&ended).await;
    }
}

//! kameo, on tokio. Mailboxes are unbounded where the workload has no bound.

use std::time::{Duration, Instant};

use kameo::actor::{Actor, ActorRef, Spawn, WeakActorRef};
use kameo::error::{ActorStopReason, Infallible};
use kameo::mailbox;
use kameo::message::{Context, Message};
use kameo::supervision::SupervisionStrategy;
use kameo_actors::DeliveryStrategy;
use kameo_actors::pubsub::{PubSub, Publish, Subscribe};
use tokio::task::AbortHandle;

use super::LeftOut;
use crate::backends::MultiThread;
use crate::case::Entrant;
use crate::countdown::{Countdown, CountsAtEnd};
use crate::system::{Library, On};
use crate::workloads::call::{self, LIMIT, Servers};
use crate::workloads::call_busy::{self, NAP, Nappers};
use crate::workloads::cast::{self, Casts};
use crate::workloads::cast_bounded::{self, BOUND, BoundedCasts};
use crate::workloads::fan_out::{self, Burners, burn};
use crate::workloads::restart::{self, BRANCHES, CRASH, DeepTrees, INTENSITY, LEAVES, PERIOD, Strategy, Trees};
use crate::workloads::ring::{self, Nodes};
use crate::workloads::spawn::{self, Spawns, Stops};
use crate::workloads::timers::{self, Record, Timers};
use crate::workloads::topic::{self, Processes, Topics};
use crate::workloads::{idle, memory, ping_pong, tail};

pub struct Kameo;

impl Library for Kameo {
    const NAME: &'static str = "kameo";
}

type System = On<Kameo, MultiThread>;

/// What it takes no part in, and why.
pub const LEFT_OUT: LeftOut = &[
    ("overload", "it compares otp with a mailbox policy and without"),
    ("watched", "it compares otp with somebody who looks into a server, and without"),
    ("groups", "no groups"),
    ("topic/stream", "its subscribers are actors"),
    ("call/outside", "clients are tasks in any case"),
    ("selective", "no selective receive"),
    ("names", "the end of an actor looks through all names, so that 1,000,000 of them never end"),
    ("registry", "no registry of keys"),
    ("table", "no tables"),
];

pub fn entrants() -> Vec<Entrant> {
    [
        call::entrants::<System>(),
        call_busy::entrants::<System>(),
        call_busy::with_timer::<System>(),
        fan_out::entrants::<System>(),
        cast::entrants::<System>(),
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
        timers::entrants::<System>(),
        tail::of_timers::<System>(),
        topic::entrants::<System>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// An actor whose arguments are its state, as kameo's derive writes it.
macro_rules! actor {
    ($actor:ident) => {
        impl Actor for $actor {
            type Args = $actor;
            type Error = Infallible;

            async fn on_start(state: $actor, _: ActorRef<$actor>) -> Result<$actor, Infallible> {
                Ok(state)
            }
        }
    };
}

pub struct Adder(u64);

actor!(Adder);

struct Add(u64);
struct Put(u64);

impl Message<Add> for Adder {
    type Reply = u64;

    async fn handle(&mut self, Add(n): Add, _: &mut Context<Self, u64>) -> u64 {
        self.0 += n;
        self.0
    }
}

impl Message<Put> for Adder {
    type Reply = ();

    async fn handle(&mut self, Put(n): Put, _: &mut Context<Self, ()>) {
        self.0 += n;
    }
}

impl Servers for System {
    type Server = ActorRef<Adder>;

    async fn start_server(&self) -> ActorRef<Adder> {
        let server = Adder::spawn_with_mailbox(Adder(0), mailbox::unbounded());
        server.wait_for_startup().await;
        server
    }

    async fn call(server: &ActorRef<Adder>, n: u64) -> u64 {
        server.ask(Add(n)).reply_timeout(LIMIT).await.expect("it answers in time")
    }

    async fn call_unlimited(server: &ActorRef<Adder>, n: u64) -> u64 {
        server.ask(Add(n)).await.expect("it answers")
    }
}

impl Casts for System {
    async fn cast(server: &ActorRef<Adder>, n: u64) {
        server.tell(Put(n)).try_send().expect("it is there");
    }
}

impl BoundedCasts for System {
    type Bounded = ActorRef<Adder>;

    async fn start_bounded(&self) -> ActorRef<Adder> {
        Adder::spawn_with_mailbox(Adder(0), mailbox::bounded(BOUND))
    }

    async fn cast_when_room(server: &ActorRef<Adder>, n: u64) {
        server.tell(Put(n)).await.expect("it is there");
    }

    async fn sum(server: &ActorRef<Adder>) -> u64 {
        server.ask(Add(0)).await.expect("it answers")
    }
}

impl Stops for System {
    async fn stop(server: ActorRef<Adder>) {
        server.stop_gracefully().await.expect("it is there");
        server.wait_for_shutdown().await;
    }
}

/// Waits, or computes, before it answers.
pub struct Slow(u64);

actor!(Slow);

struct Nap;
struct Burn;

impl Message<Nap> for Slow {
    type Reply = u64;

    async fn handle(&mut self, _: Nap, _: &mut Context<Self, u64>) -> u64 {
        tokio::time::sleep(NAP).await;
        self.0 += 1;
        self.0
    }
}

impl Message<Burn> for Slow {
    type Reply = u64;

    async fn handle(&mut self, _: Burn, _: &mut Context<Self, u64>) -> u64 {
        burn()
    }
}

impl Nappers for System {
    type Napper = ActorRef<Slow>;

    async fn start_napper(&self) -> ActorRef<Slow> {
        Slow::spawn_with_mailbox(Slow(0), mailbox::unbounded())
    }

    async fn nap(napper: &ActorRef<Slow>) -> u64 {
        napper.ask(Nap).reply_timeout(LIMIT).await.expect("it answers in time")
    }
}

impl Burners for System {
    type Burner = ActorRef<Slow>;

    async fn start_burner(&self, _: u64) -> ActorRef<Slow> {
        Slow::spawn_with_mailbox(Slow(0), mailbox::unbounded())
    }

    async fn call_burner(burner: &ActorRef<Slow>) -> u64 {
        burner.ask(Burn).reply_timeout(LIMIT).await.expect("it answers in time")
    }
}

pub struct Node {
    next: Option<ActorRef<Node>>,
    arrived: Countdown,
}

actor!(Node);

struct Next(ActorRef<Node>);
struct Token(u64);

impl Message<Next> for Node {
    type Reply = ();

    async fn handle(&mut self, Next(next): Next, _: &mut Context<Self, ()>) {
        self.next = Some(next);
    }
}

impl Message<Token> for Node {
    type Reply = ();

    async fn handle(&mut self, Token(left): Token, _: &mut Context<Self, ()>) {
        if left == 0 {
            return self.arrived.count();
        }
        let next = self.next.as_ref().expect("it was told who is next");
        next.tell(Token(left - 1)).try_send().expect("the next one is there");
    }
}

impl Nodes for System {
    type Node = ActorRef<Node>;

    async fn start_node(&self, arrived: Countdown) -> ActorRef<Node> {
        Node::spawn_with_mailbox(Node { next: None, arrived }, mailbox::unbounded())
    }

    async fn link(node: &ActorRef<Node>, next: ActorRef<Node>) {
        node.tell(Next(next)).try_send().expect("it is there");
    }

    async fn send(node: &ActorRef<Node>, token: u64) {
        node.tell(Token(token)).try_send().expect("it is there");
    }
}

/// Stops at once, since nobody keeps its reference.
struct Brief(Countdown);

impl Actor for Brief {
    type Args = Brief;
    type Error = Infallible;

    async fn on_start(state: Brief, _: ActorRef<Brief>) -> Result<Brief, Infallible> {
        Ok(state)
    }

    async fn on_stop(&mut self, _: WeakActorRef<Brief>, _: ActorStopReason) -> Result<(), Infallible> {
        self.0.count();
        Ok(())
    }
}

impl Spawns for System {
    async fn spawn(&self, ended: Countdown) {
        Brief::spawn_with_mailbox(Brief(ended), mailbox::unbounded());
    }
}

pub struct Fragile;

impl Actor for Fragile {
    type Args = Countdown;
    type Error = Infallible;

    async fn on_start(started: Countdown, _: ActorRef<Fragile>) -> Result<Fragile, Infallible> {
        started.count();
        Ok(Fragile)
    }
}

struct Crash;
struct Answer;

impl Message<Crash> for Fragile {
    type Reply = ();

    async fn handle(&mut self, _: Crash, _: &mut Context<Self, ()>) {
        panic!("{CRASH}");
    }
}

impl Message<Answer> for Fragile {
    type Reply = ();

    async fn handle(&mut self, _: Answer, _: &mut Context<Self, ()>) {}
}

/// A supervisor's strategy belongs to its type.
pub struct Supervisor<const FOR_ALL: bool>;

impl<const FOR_ALL: bool> Actor for Supervisor<FOR_ALL> {
    type Args = ();
    type Error = Infallible;

    fn supervision_strategy() -> SupervisionStrategy {
        if FOR_ALL { SupervisionStrategy::OneForAll } else { SupervisionStrategy::OneForOne }
    }

    async fn on_start((): (), _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Supervisor)
    }
}

/// The supervisor, by the two things that are done with it, and its first child.
pub enum Tree {
    ForOne(ActorRef<Supervisor<false>>, ActorRef<Fragile>),
    ForAll(ActorRef<Supervisor<true>>, ActorRef<Fragile>),
}

impl Tree {
    fn first(&self) -> &ActorRef<Fragile> {
        match self {
            Tree::ForOne(_, first) | Tree::ForAll(_, first) => first,
        }
    }
}

async fn start_tree<const FOR_ALL: bool>(
    children: u64,
    started: Countdown,
) -> (ActorRef<Supervisor<FOR_ALL>>, ActorRef<Fragile>) {
    let supervisor = Supervisor::<FOR_ALL>::spawn(());
    let mut first = None;
    for _ in 0..children {
        let child = Fragile::supervise(&supervisor, started.clone()).restart_limit(INTENSITY, PERIOD).spawn().await;
        first.get_or_insert(child);
    }
    (supervisor, first.expect("there is a child"))
}

async fn stop_tree<const FOR_ALL: bool>(supervisor: ActorRef<Supervisor<FOR_ALL>>) {
    supervisor.stop_gracefully().await.expect("it is there");
    supervisor.wait_for_shutdown().await;
}

impl Trees for System {
    type Tree = Tree;

    async fn start_tree(&self, strategy: Strategy, children: u64, started: Countdown) -> Tree {
        match strategy {
            Strategy::OneForOne => {
                let (supervisor, first) = start_tree::<false>(children, started).await;
                Tree::ForOne(supervisor, first)
            }
            Strategy::OneForAll => {
                let (supervisor, first) = start_tree::<true>(children, started).await;
                Tree::ForAll(supervisor, first)
            }
        }
    }

    async fn crash(tree: &Tree) {
        tree.first().tell(Crash).await.expect("it is there");
    }

    async fn answers(tree: &Tree) -> bool {
        tree.first().ask(Answer).reply_timeout(LIMIT).await.is_ok()
    }

    async fn stop(tree: Tree) {
        match tree {
            Tree::ForOne(supervisor, _) => stop_tree(supervisor).await,
            Tree::ForAll(supervisor, _) => stop_tree(supervisor).await,
        }
    }
}

struct Leaf {
    _end: CountsAtEnd,
}

impl Actor for Leaf {
    type Args = Countdown;
    type Error = Infallible;

    async fn on_start(ended: Countdown, _: ActorRef<Leaf>) -> Result<Leaf, Infallible> {
        Ok(Leaf { _end: CountsAtEnd(ended) })
    }
}

impl DeepTrees for System {
    type Deep = (ActorRef<Supervisor<false>>, Countdown);

    async fn start_deep(&self) -> Self::Deep {
        let ended = Countdown::new(BRANCHES * LEAVES);
        let top = Supervisor::<false>::spawn(());
        for _ in 0..BRANCHES {
            let branch = Supervisor::<false>::supervise(&top, ()).spawn().await;
            for _ in 0..LEAVES {
                Leaf::supervise(&branch, ended.clone()).spawn().await;
            }
        }
        (top, ended)
    }

    async fn stop_deep((top, ended): Self::Deep) {
        stop_tree(top).await;
        (&ended).await;
    }
}

pub struct Target(Record);

actor!(Target);

struct Due(Instant);

impl Message<Due> for Target {
    type Reply = ();

    async fn handle(&mut self, Due(due): Due, _: &mut Context<Self, ()>) {
        self.0.arrived(due);
    }
}

impl Timers for System {
    type Target = ActorRef<Target>;
    type Timer = AbortHandle;

    async fn start_target(&self, record: Record) -> ActorRef<Target> {
        Target::spawn_with_mailbox(Target(record), mailbox::unbounded())
    }

    fn arm(&self, target: &ActorRef<Target>, delay: Duration, due: Instant) -> AbortHandle {
        target.tell(Due(due)).send_after(delay).abort_handle()
    }

    fn cancel(timer: AbortHandle) {
        timer.abort();
    }
}

pub struct Subscriber(Countdown);

actor!(Subscriber);

impl Message<u64> for Subscriber {
    type Reply = ();

    async fn handle(&mut self, _: u64, _: &mut Context<Self, ()>) {
        self.0.count();
    }
}

impl Topics<Processes> for System {
    type Topic = ActorRef<PubSub<u64>>;
    type Subscriber = ActorRef<Subscriber>;

    async fn open(&self) -> ActorRef<PubSub<u64>> {
        PubSub::spawn_with_mailbox(PubSub::new(DeliveryStrategy::Guaranteed), mailbox::unbounded())
    }

    async fn subscribe(&self, topic: &ActorRef<PubSub<u64>>, arrived: Countdown) -> ActorRef<Subscriber> {
        let subscriber = Subscriber::spawn_with_mailbox(Subscriber(arrived), mailbox::bounded(64));
        topic.ask(Subscribe(subscriber.clone())).await.expect("it answers");
        subscriber
    }

    async fn publish(topic: &ActorRef<PubSub<u64>>, value: u64) {
        topic.tell(Publish(value)).await.expect("it is there");
    }

    async fn end(&self, topic: ActorRef<PubSub<u64>>, subscribers: Vec<ActorRef<Subscriber>>) {
        topic.kill();
        subscribers.iter().for_each(ActorRef::kill);
        for subscriber in subscribers {
            subscriber.wait_for_shutdown().await;
        }
    }
}

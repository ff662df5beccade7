//! ractor, on tokio.

use std::time::{Duration, Instant};

use ractor::{Actor, ActorCell, ActorProcessingErr, ActorRef, RpcReplyPort, SupervisionEvent};

use super::LeftOut;
use crate::backends::MultiThread;
use crate::case::Entrant;
use crate::countdown::{Countdown, CountsAtEnd};
use crate::system::{Library, On};
use crate::workloads::call::{self, LIMIT, Servers};
use crate::workloads::call_busy::{self, NAP, Nappers};
use crate::workloads::cast::{self, Casts};
use crate::workloads::fan_out::{self, Burners, burn};
use crate::workloads::restart::{self, BRANCHES, CRASH, DeepTrees, LEAVES, Strategy, Trees};
use crate::workloads::ring::{self, Nodes};
use crate::workloads::spawn::{self, Spawns, Stops};
use crate::workloads::timers::{self, Record, Timers};
use crate::workloads::{idle, memory, ping_pong, tail};

pub struct Ractor;

impl Library for Ractor {
    const NAME: &'static str = "ractor";
}

type System = On<Ractor, MultiThread>;

/// What it takes no part in, and why.
pub const LEFT_OUT: LeftOut = &[
    ("overload", "it compares otp with a mailbox policy and without"),
    ("watched", "it compares otp with somebody who looks into a server, and without"),
    ("groups", "its members have no type to send"),
    ("topic", "its subscribers are those of one actor's output port"),
    ("call/outside", "clients are tasks in any case"),
    ("cast-bounded", "mailboxes have no bound"),
    ("selective", "no selective receive"),
    ("restart/all", "supervisors are told of the end of a child, and have no strategies"),
    ("names", "an actor has its name from its start on, or never"),
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
        ping_pong::entrants::<System>(),
        ring::entrants::<System>(),
        spawn::entrants::<System>(),
        spawn::of_servers::<System>(),
        memory::entrants::<System>(),
        tail::entrants::<System>(),
        idle::entrants::<System>(),
        restart::entrants_of_one::<System>(),
        restart::of_deep_trees::<System>(),
        timers::entrants::<System>(),
        tail::of_timers::<System>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub struct Adder;

pub enum Message {
    Add(u64, RpcReplyPort<u64>),
    Put(u64),
}

impl Actor for Adder {
    type Msg = Message;
    type State = u64;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Message>, (): ()) -> Result<u64, ActorProcessingErr> {
        Ok(0)
    }

    async fn handle(&self, _: ActorRef<Message>, message: Message, sum: &mut u64) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Add(n, reply) => {
                *sum += n;
                reply.send(*sum)?;
            }
            Message::Put(n) => *sum += n,
        }
        Ok(())
    }
}

impl Servers for System {
    type Server = ActorRef<Message>;

    async fn start_server(&self) -> ActorRef<Message> {
        Actor::spawn(None, Adder, ()).await.expect("it starts").0
    }

    async fn call(server: &ActorRef<Message>, n: u64) -> u64 {
        let reply = server.call(|reply| Message::Add(n, reply), Some(LIMIT)).await;
        reply.expect("it is there").expect("it answers in time")
    }

    async fn call_unlimited(server: &ActorRef<Message>, n: u64) -> u64 {
        let reply = server.call(|reply| Message::Add(n, reply), None).await;
        reply.expect("it is there").expect("it answers")
    }
}

impl Casts for System {
    async fn cast(server: &ActorRef<Message>, n: u64) {
        server.cast(Message::Put(n)).expect("it is there");
    }
}

impl Stops for System {
    async fn stop(server: ActorRef<Message>) {
        server.stop_and_wait(None, None).await.expect("it stops");
    }
}

/// Waits, or computes, before it answers.
pub struct Slow;

pub enum Task {
    Nap(RpcReplyPort<u64>),
    Burn(RpcReplyPort<u64>),
}

impl Actor for Slow {
    type Msg = Task;
    type State = u64;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Task>, (): ()) -> Result<u64, ActorProcessingErr> {
        Ok(0)
    }

    async fn handle(&self, _: ActorRef<Task>, task: Task, called: &mut u64) -> Result<(), ActorProcessingErr> {
        match task {
            Task::Nap(reply) => {
                tokio::time::sleep(NAP).await;
                *called += 1;
                reply.send(*called)?;
            }
            Task::Burn(reply) => reply.send(burn())?,
        }
        Ok(())
    }
}

impl Nappers for System {
    type Napper = ActorRef<Task>;

    async fn start_napper(&self) -> ActorRef<Task> {
        Actor::spawn(None, Slow, ()).await.expect("it starts").0
    }

    async fn nap(napper: &ActorRef<Task>) -> u64 {
        napper.call(Task::Nap, Some(LIMIT)).await.expect("it is there").expect("it answers in time")
    }

    async fn end_napper(napper: ActorRef<Task>) {
        napper.stop(None);
    }
}

impl Burners for System {
    type Burner = ActorRef<Task>;

    async fn start_burner(&self, _: u64) -> ActorRef<Task> {
        Actor::spawn(None, Slow, ()).await.expect("it starts").0
    }

    async fn call_burner(burner: &ActorRef<Task>) -> u64 {
        burner.call(Task::Burn, Some(LIMIT)).await.expect("it is there").expect("it answers in time")
    }
}

pub struct Node;

pub enum Hop {
    Next(ActorRef<Hop>),
    Token(u64),
}

impl Actor for Node {
    type Msg = Hop;
    type State = (Option<ActorRef<Hop>>, Countdown);
    type Arguments = Countdown;

    async fn pre_start(&self, _: ActorRef<Hop>, arrived: Countdown) -> Result<Self::State, ActorProcessingErr> {
        Ok((None, arrived))
    }

    async fn handle(
        &self,
        _: ActorRef<Hop>,
        hop: Hop,
        (next, arrived): &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match hop {
            Hop::Next(node) => *next = Some(node),
            Hop::Token(0) => arrived.count(),
            Hop::Token(left) => next.as_ref().expect("it was told who is next").cast(Hop::Token(left - 1))?,
        }
        Ok(())
    }
}

impl Nodes for System {
    type Node = ActorRef<Hop>;

    async fn start_node(&self, arrived: Countdown) -> ActorRef<Hop> {
        Actor::spawn(None, Node, arrived).await.expect("it starts").0
    }

    async fn link(node: &ActorRef<Hop>, next: ActorRef<Hop>) {
        node.cast(Hop::Next(next)).expect("it is there");
    }

    async fn send(node: &ActorRef<Hop>, token: u64) {
        node.cast(Hop::Token(token)).expect("it is there");
    }
}

/// Stops as soon as it has started.
struct Brief;

impl Actor for Brief {
    type Msg = u64;
    type State = Countdown;
    type Arguments = Countdown;

    async fn pre_start(&self, this: ActorRef<u64>, ended: Countdown) -> Result<Countdown, ActorProcessingErr> {
        this.stop(None);
        Ok(ended)
    }

    async fn post_stop(&self, _: ActorRef<u64>, ended: &mut Countdown) -> Result<(), ActorProcessingErr> {
        ended.count();
        Ok(())
    }
}

impl Spawns for System {
    async fn spawn(&self, ended: Countdown) {
        Actor::spawn(None, Brief, ended).await.expect("it starts");
    }
}

pub struct Fragile;

pub enum Order {
    Crash,
    Answer(RpcReplyPort<()>),
}

impl Actor for Fragile {
    type Msg = Order;
    type State = ();
    type Arguments = Countdown;

    async fn pre_start(&self, _: ActorRef<Order>, started: Countdown) -> Result<(), ActorProcessingErr> {
        started.count();
        Ok(())
    }

    async fn handle(&self, _: ActorRef<Order>, order: Order, (): &mut ()) -> Result<(), ActorProcessingErr> {
        match order {
            Order::Crash => panic!("{CRASH}"),
            Order::Answer(reply) => reply.send(())?,
        }
        Ok(())
    }
}

/// What ractor's users write: it has the events, and no strategies.
pub struct Supervisor;

impl Actor for Supervisor {
    type Msg = ();
    type State = Countdown;
    type Arguments = Countdown;

    async fn pre_start(&self, this: ActorRef<()>, started: Countdown) -> Result<Countdown, ActorProcessingErr> {
        start_child(this.get_cell(), started.clone()).await?;
        Ok(started)
    }

    async fn handle_supervisor_evt(
        &self,
        this: ActorRef<()>,
        event: SupervisionEvent,
        started: &mut Countdown,
    ) -> Result<(), ActorProcessingErr> {
        if let SupervisionEvent::ActorFailed(..) = event {
            start_child(this.get_cell(), started.clone()).await?;
        }
        Ok(())
    }
}

const FIRST: &str = "first";

async fn start_child(supervisor: ActorCell, started: Countdown) -> Result<(), ActorProcessingErr> {
    Actor::spawn_linked(Some(FIRST.to_owned()), Fragile, started, supervisor).await?;
    Ok(())
}

impl Trees for System {
    type Tree = ActorRef<()>;

    async fn start_tree(&self, _: Strategy, _: u64, started: Countdown) -> ActorRef<()> {
        Actor::spawn(None, Supervisor, started).await.expect("it starts").0
    }

    async fn crash(_: &ActorRef<()>) {
        ActorRef::<Order>::where_is(FIRST).expect("it is there").cast(Order::Crash).expect("it is there");
    }

    async fn answers(_: &ActorRef<()>) -> bool {
        let Some(first) = ActorRef::<Order>::where_is(FIRST) else { return false };
        first.call(Order::Answer, Some(LIMIT)).await.is_ok_and(|reply| reply.is_success())
    }

    async fn stop(tree: ActorRef<()>) {
        tree.stop_children_and_wait(None, None).await;
        tree.stop_and_wait(None, None).await.expect("it stops");
    }
}

/// Starts what is below it, linked to it: so it ends with it.
struct Branch;
struct Leaf;

impl Actor for Branch {
    type Msg = ();
    type State = ();
    /// Whether it is the one at the top.
    type Arguments = (bool, Countdown);

    async fn pre_start(&self, this: ActorRef<()>, (top, ended): (bool, Countdown)) -> Result<(), ActorProcessingErr> {
        if top {
            for _ in 0..BRANCHES {
                Actor::spawn_linked(None, Branch, (false, ended.clone()), this.get_cell()).await?;
            }
        } else {
            for _ in 0..LEAVES {
                Actor::spawn_linked(None, Leaf, ended.clone(), this.get_cell()).await?;
            }
        }
        Ok(())
    }
}

impl Actor for Leaf {
    type Msg = ();
    type State = CountsAtEnd;
    type Arguments = Countdown;

    async fn pre_start(&self, _: ActorRef<()>, ended: Countdown) -> Result<CountsAtEnd, ActorProcessingErr> {
        Ok(CountsAtEnd(ended))
    }
}

impl DeepTrees for System {
    type Deep = (ActorRef<()>, Countdown);

    async fn start_deep(&self) -> Self::Deep {
        let ended = Countdown::new(BRANCHES * LEAVES);
        (Actor::spawn(None, Branch, (true, ended.clone())).await.expect("it starts").0, ended)
    }

    async fn stop_deep((top, ended): Self::Deep) {
        top.stop_and_wait(None, None).await.expect("it stops");
        (&ended).await;
    }
}

pub struct Target;

impl Actor for Target {
    type Msg = Instant;
    type State = Record;
    type Arguments = Record;

    async fn pre_start(&self, _: ActorRef<Instant>, record: Record) -> Result<Record, ActorProcessingErr> {
        Ok(record)
    }

    async fn handle(&self, _: ActorRef<Instant>, due: Instant, record: &mut Record) -> Result<(), ActorProcessingErr> {
        record.arrived(due);
        Ok(())
    }
}

impl Timers for System {
    type Target = ActorRef<Instant>;
    type Timer = tokio::task::AbortHandle;

    async fn start_target(&self, record: Record) -> ActorRef<Instant> {
        Actor::spawn(None, Target, record).await.expect("it starts").0
    }

    fn arm(&self, target: &ActorRef<Instant>, delay: Duration, due: Instant) -> tokio::task::AbortHandle {
        target.send_after(delay, move || due).abort_handle()
    }

    fn cancel(timer: tokio::task::AbortHandle) {
        timer.abort();
    }
}

//! What tokio's users write without a library of actors: a task that reads an unbounded channel, a oneshot for the
//! reply.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dashmap::DashMap;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::LeftOut;
use crate::backends::Tokio;
use crate::case::{Entrant, Id, per_op};
use crate::countdown::Countdown;
use crate::system::{Library, On, System};
use crate::workloads::call::{self, LIMIT, Outside, Servers};
use crate::workloads::call_busy::{self, NAP, Nappers};
use crate::workloads::cast::{self, Casts};
use crate::workloads::cast_bounded::{self, BOUND, BoundedCasts};
use crate::workloads::fan_out::{self, Burners, burn};
use crate::workloads::names::{self, Names};
use crate::workloads::registry::{self, Keyed};
use crate::workloads::ring::{self, Nodes};
use crate::workloads::scaling;
use crate::workloads::spawn::{self, Spawns, Stops, Tasks};
use crate::workloads::table::{self, Tabled};
use crate::workloads::timers::{self, Record, Timers};
use crate::workloads::topic::{self, Streams, Topics};
use crate::workloads::{idle, memory, ping_pong, restart, tail};

/// What it takes no part in, and why.
pub const LEFT_OUT: LeftOut = &[
    ("overload", "it compares otp with a mailbox policy and without"),
    ("watched", "it compares otp with somebody who looks into a server, and without"),
    ("groups", "nothing of its own is in it"),
    ("topic/1", "a task reads a channel: topic/stream-1, and so on"),
    ("restart", "nobody supervises a task"),
    ("selective", "a channel is read in order"),
];

pub fn entrants<B: Tokio>() -> Vec<Entrant> {
    [
        call::entrants::<On<Mpsc, B>>(),
        call::from_outside::<On<Mpsc, B>>(),
        call_busy::entrants::<On<Mpsc, B>>(),
        call_busy::with_timer::<On<Mpsc, B>>(),
        fan_out::entrants::<On<Mpsc, B>>(),
        cast::entrants::<On<Mpsc, B>>(),
        cast_bounded::entrants::<On<Mpsc, B>>(),
        ping_pong::entrants::<On<Mpsc, B>>(),
        ring::entrants::<On<Mpsc, B>>(),
        spawn::entrants::<On<Mpsc, B>>(),
        spawn::of_tasks::<On<Mpsc, B>>(),
        spawn::of_servers::<On<Mpsc, B>>(),
        restart::of_panics::<On<Mpsc, B>>(),
        memory::entrants::<On<Mpsc, B>>(),
        tail::entrants::<On<Mpsc, B>>(),
        idle::entrants::<On<Mpsc, B>>(),
        names::entrants::<Named<B>>(),
        registry::entrants::<On<Mpsc, B>>(),
        table::entrants::<On<Mpsc, B>>(),
        timers::entrants::<On<Mpsc, B>>(),
        tail::of_timers::<On<Mpsc, B>>(),
        topic::of_streams::<On<Mpsc, B>>(),
        scaling::entrants::<On<Mpsc, B>>(),
        scaling::of_clients::<On<Mpsc, B>>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub struct Mpsc;

impl Library for Mpsc {
    const NAME: &'static str = "raw";
}

pub enum Message {
    Add(u64, oneshot::Sender<u64>),
    Put(u64),
    Stop(oneshot::Sender<()>),
}

fn handle(message: Message, sum: &mut u64) -> ControlFlow<()> {
    match message {
        Message::Add(n, reply) => {
            *sum += n;
            let _ = reply.send(*sum);
        }
        Message::Put(n) => *sum += n,
        Message::Stop(ended) => {
            let _ = ended.send(());
            return ControlFlow::Break(());
        }
    }
    ControlFlow::Continue(())
}

impl<B: Tokio> Servers for On<Mpsc, B> {
    type Server = mpsc::UnboundedSender<Message>;

    async fn start_server(&self) -> mpsc::UnboundedSender<Message> {
        let (sender, mut mailbox) = mpsc::unbounded_channel();
        self.backend.spawn(async move {
            let mut sum = 0;
            while let Some(message) = mailbox.recv().await {
                if handle(message, &mut sum).is_break() {
                    return;
                }
            }
        });
        sender
    }

    async fn call(server: &mpsc::UnboundedSender<Message>, n: u64) -> u64 {
        tokio::time::timeout(LIMIT, Self::call_unlimited(server, n)).await.expect("it answers in time")
    }

    async fn call_unlimited(server: &mpsc::UnboundedSender<Message>, n: u64) -> u64 {
        let (reply, answer) = oneshot::channel();
        server.send(Message::Add(n, reply)).expect("it is there");
        answer.await.expect("it answers")
    }
}

impl<B: Tokio> Outside for On<Mpsc, B> {
    fn task<T, F>(&self, task: F) -> impl Future<Output = T> + Send
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.backend.join(task)
    }
}

impl<B: Tokio> Casts for On<Mpsc, B> {
    async fn cast(server: &mpsc::UnboundedSender<Message>, n: u64) {
        server.send(Message::Put(n)).expect("it is there");
    }
}

impl<B: Tokio> Stops for On<Mpsc, B> {
    async fn stop(server: mpsc::UnboundedSender<Message>) {
        let (ended, end) = oneshot::channel();
        server.send(Message::Stop(ended)).expect("it is there");
        end.await.expect("it stops");
    }
}

impl<B: Tokio> Nappers for On<Mpsc, B> {
    type Napper = mpsc::UnboundedSender<oneshot::Sender<u64>>;

    async fn start_napper(&self) -> Self::Napper {
        let (sender, mut mailbox) = mpsc::unbounded_channel::<oneshot::Sender<u64>>();
        self.backend.spawn(async move {
            let mut called = 0;
            while let Some(reply) = mailbox.recv().await {
                B::sleep(NAP).await;
                called += 1;
                let _ = reply.send(called);
            }
        });
        sender
    }

    async fn nap(napper: &Self::Napper) -> u64 {
        let (reply, answer) = oneshot::channel();
        napper.send(reply).expect("it is there");
        tokio::time::timeout(LIMIT, answer).await.expect("it answers in time").expect("it answers")
    }
}

pub enum Hop {
    Next(mpsc::UnboundedSender<Hop>),
    Token(u64),
}

impl<B: Tokio> Nodes for On<Mpsc, B> {
    type Node = mpsc::UnboundedSender<Hop>;

    async fn start_node(&self, arrived: Countdown) -> mpsc::UnboundedSender<Hop> {
        let (sender, mut mailbox) = mpsc::unbounded_channel();
        self.backend.spawn(async move {
            let mut next = None;
            while let Some(hop) = mailbox.recv().await {
                match hop {
                    Hop::Next(node) => next = Some(node),
                    Hop::Token(0) => arrived.count(),
                    Hop::Token(left) => {
                        let next: &mpsc::UnboundedSender<Hop> = next.as_ref().expect("it was told who is next");
                        next.send(Hop::Token(left - 1)).expect("the next one is there");
                    }
                }
            }
        });
        sender
    }

    async fn link(node: &mpsc::UnboundedSender<Hop>, next: mpsc::UnboundedSender<Hop>) {
        node.send(Hop::Next(next)).expect("it is there");
    }

    async fn send(node: &mpsc::UnboundedSender<Hop>, token: u64) {
        node.send(Hop::Token(token)).expect("it is there");
    }
}

impl<B: Tokio> Spawns for On<Mpsc, B> {
    async fn spawn(&self, ended: Countdown) {
        let (_sender, mailbox) = mpsc::unbounded_channel::<u64>();
        self.backend.spawn(async move {
            ended.count();
            drop(mailbox);
        });
    }
}

impl<B: Tokio> Tasks for On<Mpsc, B> {
    fn start_task(&self, ended: Countdown) {
        self.backend.spawn(async move { ended.count() });
    }
}

impl<B: Tokio> BoundedCasts for On<Mpsc, B> {
    type Bounded = mpsc::Sender<Message>;

    async fn start_bounded(&self) -> mpsc::Sender<Message> {
        let (sender, mut mailbox) = mpsc::channel(BOUND);
        self.backend.spawn(async move {
            let mut sum = 0;
            while let Some(message) = mailbox.recv().await {
                if handle(message, &mut sum).is_break() {
                    return;
                }
            }
        });
        sender
    }

    async fn cast_when_room(server: &mpsc::Sender<Message>, n: u64) {
        server.send(Message::Put(n)).await.expect("it is there");
    }

    async fn sum(server: &mpsc::Sender<Message>) -> u64 {
        let (reply, answer) = oneshot::channel();
        server.send(Message::Add(0, reply)).await.expect("it is there");
        answer.await.expect("it answers")
    }
}

impl<B: Tokio> Burners for On<Mpsc, B> {
    type Burner = mpsc::UnboundedSender<oneshot::Sender<u64>>;

    async fn start_burner(&self, _: u64) -> Self::Burner {
        let (sender, mut mailbox) = mpsc::unbounded_channel::<oneshot::Sender<u64>>();
        self.backend.spawn(async move {
            while let Some(reply) = mailbox.recv().await {
                let _ = reply.send(burn());
            }
        });
        sender
    }

    async fn call_burner(burner: &Self::Burner) -> u64 {
        let (reply, answer) = oneshot::channel();
        burner.send(reply).expect("it is there");
        tokio::time::timeout(LIMIT, answer).await.expect("it answers in time").expect("it answers")
    }
}

/// A task for each timer.
impl<B: Tokio> Timers for On<Mpsc, B> {
    type Target = mpsc::UnboundedSender<Instant>;
    type Timer = JoinHandle<()>;

    async fn start_target(&self, record: Record) -> mpsc::UnboundedSender<Instant> {
        let (sender, mut mailbox) = mpsc::unbounded_channel();
        self.backend.spawn(async move {
            while let Some(due) = mailbox.recv().await {
                record.arrived(due);
            }
        });
        sender
    }

    fn arm(&self, target: &mpsc::UnboundedSender<Instant>, delay: Duration, due: Instant) -> JoinHandle<()> {
        let target = target.clone();
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            // The target may have gone.
            let _ = target.send(due);
        })
    }

    fn cancel(timer: JoinHandle<()>) {
        timer.abort();
    }
}

/// Tasks whose channels are in a map that all share.
#[derive(Clone)]
struct Named<B> {
    raw: On<Mpsc, B>,
    holders: Arc<Mutex<HashMap<String, mpsc::UnboundedSender<Stop>>>>,
}

pub struct Stop;

struct Idle {
    sender: mpsc::UnboundedSender<Stop>,
    task: JoinHandle<()>,
}

impl<B: Tokio> System for Named<B> {
    const ID: Id = <On<Mpsc, B>>::ID;
    type Executor = B::Executor;

    fn start() -> (B::Executor, Named<B>) {
        let (executor, raw) = <On<Mpsc, B>>::start();
        (executor, Named { raw, holders: Arc::default() })
    }

    fn client<T, F>(&self, client: F) -> impl Future<Output = T> + Send + 'static
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.raw.client(client)
    }

    fn run<T, F>(&self, executor: &B::Executor, client: F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.raw.run(executor, client)
    }
}

impl<B: Tokio> Names for Named<B> {
    type Idle = Idle;

    async fn start_idle(&self) -> Idle {
        let (sender, mut mailbox) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            mailbox.recv().await;
        });
        Idle { sender, task }
    }

    fn register(&self, name: &str, process: &Idle) {
        let mut holders = self.holders.lock().expect("nobody panics with it");
        assert!(holders.insert(name.to_owned(), process.sender.clone()).is_none(), "the name is free");
    }

    fn is_registered(&self, name: &str) -> bool {
        let holder = self.holders.lock().expect("nobody panics with it").get(name).cloned();
        holder.is_some()
    }

    async fn end(&self, processes: Vec<Idle>) {
        for process in &processes {
            process.sender.send(Stop).expect("it is there");
        }
        for process in processes {
            process.task.await.expect("it ends");
        }
        self.holders.lock().expect("nobody panics with it").retain(|_, sender| !sender.is_closed());
    }
}

/// A `DashMap`.
impl<B: Tokio> Tabled for On<Mpsc, B> {
    type Table = DashMap<u64, u64>;

    async fn make(&self) -> DashMap<u64, u64> {
        DashMap::new()
    }

    fn insert(table: &DashMap<u64, u64>, key: u64, value: u64) {
        table.insert(key, value);
    }

    fn lookup(table: &DashMap<u64, u64>, key: u64) -> Option<u64> {
        table.get(&key).map(|number| *number)
    }

    fn count(table: &DashMap<u64, u64>, key: u64) {
        *table.get_mut(&key).expect("the row is there") += 1;
    }
}

/// A `DashMap` of senders. The owner of a task removes its entry.
impl<B: Tokio> Keyed for On<Mpsc, B> {
    type Idle = JoinHandle<()>;
    type Registry = Arc<DashMap<u64, mpsc::UnboundedSender<Stop>>>;

    async fn open(&self) -> Self::Registry {
        Arc::default()
    }

    async fn register_all(&self, registry: &Self::Registry, count: u64) -> (f64, JoinHandle<()>) {
        let registry = registry.clone();
        let (done, time) = oneshot::channel();
        let task = tokio::spawn(async move {
            let (sender, mut mailbox) = mpsc::unbounded_channel();
            let start = Instant::now();
            for key in 0..count {
                assert!(registry.insert(key, sender.clone()).is_none(), "the key is free");
            }
            let _ = done.send(per_op(start.elapsed(), count));
            drop(sender);
            mailbox.recv().await;
            for key in 0..count {
                registry.remove(&key);
            }
        });
        (time.await.expect("it was run to its end"), task)
    }

    fn start_under(&self, registry: &Self::Registry, key: u64) -> JoinHandle<()> {
        let registry = registry.clone();
        tokio::spawn(async move {
            let (sender, mut mailbox) = mpsc::unbounded_channel();
            assert!(registry.insert(key, sender).is_none(), "the key is free");
            mailbox.recv().await;
            registry.remove(&key);
        })
    }

    fn count(registry: &Self::Registry) -> u64 {
        registry.len() as u64
    }

    fn is_registered(registry: &Self::Registry, key: u64) -> bool {
        let holder = registry.get(&key).map(|sender| sender.clone());
        holder.is_some()
    }

    async fn end(&self, registry: &Self::Registry, processes: Vec<JoinHandle<()>>) {
        // One that has all keys has the first one.
        for key in 0..processes.len() as u64 {
            let sender = registry.get(&key).map(|sender| sender.clone());
            sender.expect("it has a key").send(Stop).expect("it is there");
        }
        for process in processes {
            process.await.expect("it ends");
        }
    }

    fn close(&self, _: Self::Registry) {}
}

impl<B: Tokio> Topics<Streams> for On<Mpsc, B> {
    type Topic = broadcast::Sender<u64>;
    type Subscriber = ();

    async fn open(&self) -> broadcast::Sender<u64> {
        broadcast::channel(64).0
    }

    async fn subscribe(&self, topic: &broadcast::Sender<u64>, arrived: Countdown) {
        let mut values = topic.subscribe();
        self.backend.spawn(async move {
            while values.recv().await.is_ok() {
                arrived.count();
            }
        });
    }

    async fn publish(topic: &broadcast::Sender<u64>, value: u64) {
        topic.send(value).expect("somebody listens");
    }

    async fn end(&self, topic: broadcast::Sender<u64>, _: Vec<()>) {
        drop(topic);
    }
}

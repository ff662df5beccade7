//! What smol's users write without a library of actors: a task that reads an unbounded channel, a oneshot for the
//! reply.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use async_channel::{Receiver, Sender};

use super::LeftOut;
use crate::backends::{Backend, Smol};
use crate::case::Entrant;
use crate::countdown::Countdown;
use crate::system::{Library, On};
use crate::workloads::call::{self, LIMIT, Outside, Servers};
use crate::workloads::call_busy::{self, NAP, Nappers};
use crate::workloads::cast::{self, Casts};
use crate::workloads::cast_bounded::{self, BOUND, BoundedCasts};
use crate::workloads::fan_out::{self, Burners, burn};
use crate::workloads::ring::{self, Nodes};
use crate::workloads::spawn::{self, Spawns, Stops, Tasks};
use crate::workloads::timers::{self, Record, Timers};
use crate::workloads::{idle, memory, ping_pong, tail};

/// What it takes no part in, and why.
pub const LEFT_OUT: LeftOut = &[
    ("overload", "it compares otp with a mailbox policy and without"),
    ("watched", "it compares otp with somebody who looks into a server, and without"),
    ("groups", "nothing of its own is in it"),
    ("topic", "smol has no channel of its own for this; that of tokio is measured on tokio"),
    ("selective", "a channel is read in order"),
    ("restart", "nobody supervises a task"),
    ("names", "the map is that of raw on tokio"),
    ("registry", "the map is that of raw on tokio"),
    ("table", "the map is that of raw on tokio"),
];

pub fn entrants() -> Vec<Entrant> {
    [
        call::entrants::<On<AsyncChannel, Smol>>(),
        call::from_outside::<On<AsyncChannel, Smol>>(),
        call_busy::entrants::<On<AsyncChannel, Smol>>(),
        call_busy::with_timer::<On<AsyncChannel, Smol>>(),
        fan_out::entrants::<On<AsyncChannel, Smol>>(),
        cast::entrants::<On<AsyncChannel, Smol>>(),
        cast_bounded::entrants::<On<AsyncChannel, Smol>>(),
        ping_pong::entrants::<On<AsyncChannel, Smol>>(),
        ring::entrants::<On<AsyncChannel, Smol>>(),
        spawn::entrants::<On<AsyncChannel, Smol>>(),
        spawn::of_tasks::<On<AsyncChannel, Smol>>(),
        spawn::of_servers::<On<AsyncChannel, Smol>>(),
        memory::entrants::<On<AsyncChannel, Smol>>(),
        tail::entrants::<On<AsyncChannel, Smol>>(),
        idle::entrants::<On<AsyncChannel, Smol>>(),
        timers::entrants::<On<AsyncChannel, Smol>>(),
        tail::of_timers::<On<AsyncChannel, Smol>>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub struct AsyncChannel;

impl Library for AsyncChannel {
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

impl On<AsyncChannel, Smol> {
    fn serve(&self, (sender, mailbox): (Sender<Message>, Receiver<Message>)) -> Sender<Message> {
        self.backend.spawn(async move {
            let mut sum = 0;
            while let Ok(message) = mailbox.recv().await {
                if handle(message, &mut sum).is_break() {
                    return;
                }
            }
        });
        sender
    }
}

impl Servers for On<AsyncChannel, Smol> {
    type Server = Sender<Message>;

    async fn start_server(&self) -> Sender<Message> {
        self.serve(async_channel::unbounded())
    }

    async fn call(server: &Sender<Message>, n: u64) -> u64 {
        Smol::timeout(LIMIT, Self::call_unlimited(server, n)).await.expect("it answers in time")
    }

    async fn call_unlimited(server: &Sender<Message>, n: u64) -> u64 {
        let (reply, answer) = oneshot::channel();
        server.try_send(Message::Add(n, reply)).expect("it is there");
        answer.await.expect("it answers")
    }
}

impl Outside for On<AsyncChannel, Smol> {
    fn task<T, F>(&self, task: F) -> impl Future<Output = T> + Send
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.backend.join(task)
    }
}

impl Casts for On<AsyncChannel, Smol> {
    async fn cast(server: &Sender<Message>, n: u64) {
        server.try_send(Message::Put(n)).expect("it is there");
    }
}

impl Stops for On<AsyncChannel, Smol> {
    async fn stop(server: Sender<Message>) {
        let (ended, end) = oneshot::channel();
        server.try_send(Message::Stop(ended)).expect("it is there");
        end.await.expect("it stops");
    }
}

impl Nappers for On<AsyncChannel, Smol> {
    type Napper = Sender<oneshot::Sender<u64>>;

    async fn start_napper(&self) -> Self::Napper {
        let (sender, mailbox) = async_channel::unbounded::<oneshot::Sender<u64>>();
        self.backend.spawn(async move {
            let mut called = 0;
            while let Ok(reply) = mailbox.recv().await {
                Smol::sleep(NAP).await;
                called += 1;
                let _ = reply.send(called);
            }
        });
        sender
    }

    async fn nap(napper: &Self::Napper) -> u64 {
        let (reply, answer) = oneshot::channel();
        napper.try_send(reply).expect("it is there");
        Smol::timeout(LIMIT, answer.into_future()).await.expect("it answers in time").expect("it answers")
    }
}

pub enum Hop {
    Next(Sender<Hop>),
    Token(u64),
}

impl Nodes for On<AsyncChannel, Smol> {
    type Node = Sender<Hop>;

    async fn start_node(&self, arrived: Countdown) -> Sender<Hop> {
        let (sender, mailbox) = async_channel::unbounded();
        self.backend.spawn(async move {
            let mut next = None;
            while let Ok(hop) = mailbox.recv().await {
                match hop {
                    Hop::Next(node) => next = Some(node),
                    Hop::Token(0) => arrived.count(),
                    Hop::Token(left) => {
                        let next: &Sender<Hop> = next.as_ref().expect("it was told who is next");
                        next.try_send(Hop::Token(left - 1)).expect("the next one is there");
                    }
                }
            }
        });
        sender
    }

    async fn link(node: &Sender<Hop>, next: Sender<Hop>) {
        node.try_send(Hop::Next(next)).expect("it is there");
    }

    async fn send(node: &Sender<Hop>, token: u64) {
        node.try_send(Hop::Token(token)).expect("it is there");
    }
}

impl Spawns for On<AsyncChannel, Smol> {
    async fn spawn(&self, ended: Countdown) {
        let (_sender, mailbox) = async_channel::unbounded::<u64>();
        self.backend.spawn(async move {
            ended.count();
            drop(mailbox);
        });
    }
}

impl Tasks for On<AsyncChannel, Smol> {
    fn start_task(&self, ended: Countdown) {
        self.backend.spawn(async move { ended.count() });
    }
}

impl BoundedCasts for On<AsyncChannel, Smol> {
    type Bounded = Sender<Message>;

    async fn start_bounded(&self) -> Sender<Message> {
        self.serve(async_channel::bounded(BOUND))
    }

    async fn cast_when_room(server: &Sender<Message>, n: u64) {
        server.send(Message::Put(n)).await.expect("it is there");
    }

    async fn sum(server: &Sender<Message>) -> u64 {
        Self::call_unlimited(server, 0).await
    }
}

impl Burners for On<AsyncChannel, Smol> {
    type Burner = Sender<oneshot::Sender<u64>>;

    async fn start_burner(&self, _: u64) -> Self::Burner {
        let (sender, mailbox) = async_channel::unbounded::<oneshot::Sender<u64>>();
        self.backend.spawn(async move {
            while let Ok(reply) = mailbox.recv().await {
                let _ = reply.send(burn());
            }
        });
        sender
    }

    async fn call_burner(burner: &Self::Burner) -> u64 {
        let (reply, answer) = oneshot::channel();
        burner.try_send(reply).expect("it is there");
        Smol::timeout(LIMIT, answer.into_future()).await.expect("it answers in time").expect("it answers")
    }
}

/// A task for each timer.
impl Timers for On<AsyncChannel, Smol> {
    type Target = Sender<Instant>;
    type Timer = async_executor::Task<()>;

    async fn start_target(&self, record: Record) -> Sender<Instant> {
        let (sender, mailbox) = async_channel::unbounded();
        self.backend.spawn(async move {
            while let Ok(due) = mailbox.recv().await {
                record.arrived(due);
            }
        });
        sender
    }

    fn arm(&self, target: &Sender<Instant>, delay: Duration, due: Instant) -> async_executor::Task<()> {
        let target = target.clone();
        self.backend.task(async move {
            Smol::sleep(delay).await;
            // The target may have gone.
            let _ = target.try_send(due);
        })
    }

    fn cancel(timer: async_executor::Task<()>) {
        drop(timer);
    }
}

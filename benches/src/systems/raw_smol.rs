//! What smol's users write without a library of actors: a task that reads an unbounded channel, a oneshot for the
//! reply.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use async_channel::{Receiver, Sender};
use futures_lite::FutureExt;

use crate::backends::{Backend, Smol};
use crate::case::{Entrant, Id};
use crate::countdown::Countdown;
use crate::system::System;
use crate::workloads::call::{self, LIMIT, Outside, Servers};
use crate::workloads::call_busy::{self, NAP, Nappers};
use crate::workloads::cast::{self, Casts};
use crate::workloads::cast_bounded::{self, BOUND, BoundedCasts};
use crate::workloads::fan_out::{self, Burners, burn};
use crate::workloads::ring::{self, Nodes};
use crate::workloads::spawn::{self, Spawns, Stops};
use crate::workloads::timers::{self, Record, Timers};
use crate::workloads::{memory, ping_pong};

pub fn entrants() -> Vec<Entrant> {
    [
        call::entrants::<Raw>(),
        call::from_outside::<Raw>(),
        call_busy::entrants::<Raw>(),
        call_busy::with_timer::<Raw>(),
        fan_out::entrants::<Raw>(),
        cast::entrants::<Raw>(),
        cast_bounded::entrants::<Raw>(),
        ping_pong::entrants::<Raw>(),
        ring::entrants::<Raw>(),
        spawn::entrants::<Raw>(),
        spawn::of_servers::<Raw>(),
        memory::entrants::<Raw>(),
        timers::entrants::<Raw>(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[derive(Clone)]
struct Raw(Smol);

impl System for Raw {
    const ID: Id = Id { name: "raw", backend: Smol::NAME };
    type Executor = <Smol as Backend>::Executor;

    fn start() -> (Self::Executor, Raw) {
        let (executor, backend) = Smol::start();
        (executor, Raw(backend))
    }

    fn client<T, F>(&self, client: F) -> impl Future<Output = T> + Send + 'static
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.0.join(client)
    }

    fn run<T, F>(&self, executor: &Self::Executor, client: F) -> T
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        Smol::block_on(executor, self.client(client))
    }
}

/// The limit of a call: loses the race against the answer.
async fn too_late<T>() -> T {
    Smol::sleep(LIMIT).await;
    panic!("it does not answer in time")
}

enum Message {
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

impl Raw {
    fn serve(&self, (sender, mailbox): (Sender<Message>, Receiver<Message>)) -> Sender<Message> {
        self.0.spawn(async move {
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

impl Servers for Raw {
    type Server = Sender<Message>;

    async fn start_server(&self) -> Sender<Message> {
        self.serve(async_channel::unbounded())
    }

    async fn call(server: &Sender<Message>, n: u64) -> u64 {
        Self::call_unlimited(server, n).or(too_late()).await
    }

    async fn call_unlimited(server: &Sender<Message>, n: u64) -> u64 {
        let (reply, answer) = oneshot::channel();
        server.try_send(Message::Add(n, reply)).expect("it is there");
        answer.await.expect("it answers")
    }
}

impl Outside for Raw {
    fn task<T, F>(&self, task: F) -> impl Future<Output = T> + Send
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        self.0.join(task)
    }
}

impl Casts for Raw {
    async fn cast(server: &Sender<Message>, n: u64) {
        server.try_send(Message::Put(n)).expect("it is there");
    }
}

impl Stops for Raw {
    async fn stop(server: Sender<Message>) {
        let (ended, end) = oneshot::channel();
        server.try_send(Message::Stop(ended)).expect("it is there");
        end.await.expect("it stops");
    }
}

impl Nappers for Raw {
    type Napper = Sender<oneshot::Sender<u64>>;

    async fn start_napper(&self) -> Self::Napper {
        let (sender, mailbox) = async_channel::unbounded::<oneshot::Sender<u64>>();
        self.0.spawn(async move {
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
        async { answer.await.expect("it answers") }.or(too_late()).await
    }
}

enum Hop {
    Next(Sender<Hop>),
    Token(u64),
}

impl Nodes for Raw {
    type Node = Sender<Hop>;

    async fn start_node(&self, arrived: Countdown) -> Sender<Hop> {
        let (sender, mailbox) = async_channel::unbounded();
        self.0.spawn(async move {
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

impl Spawns for Raw {
    async fn spawn(&self, ended: Countdown) {
        let (_sender, mailbox) = async_channel::unbounded::<u64>();
        self.0.spawn(async move {
            ended.count();
            drop(mailbox);
        });
    }
}

impl BoundedCasts for Raw {
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

impl Burners for Raw {
    type Burner = Sender<oneshot::Sender<u64>>;

    async fn start_burner(&self, _: u64) -> Self::Burner {
        let (sender, mailbox) = async_channel::unbounded::<oneshot::Sender<u64>>();
        self.0.spawn(async move {
            while let Ok(reply) = mailbox.recv().await {
                let _ = reply.send(burn());
            }
        });
        sender
    }

    async fn call_burner(burner: &Self::Burner) -> u64 {
        let (reply, answer) = oneshot::channel();
        burner.try_send(reply).expect("it is there");
        async { answer.await.expect("it answers") }.or(too_late()).await
    }
}

/// A task for each timer.
impl Timers for Raw {
    type Target = Sender<Instant>;
    type Timer = async_executor::Task<()>;

    async fn start_target(&self, record: Record) -> Sender<Instant> {
        let (sender, mailbox) = async_channel::unbounded();
        self.0.spawn(async move {
            while let Ok(due) = mailbox.recv().await {
                record.arrived(due);
            }
        });
        sender
    }

    fn arm(&self, target: &Sender<Instant>, delay: Duration, due: Instant) -> async_executor::Task<()> {
        let target = target.clone();
        self.0.task(async move {
            Smol::sleep(delay).await;
            // The target may have gone.
            let _ = target.try_send(due);
        })
    }

    fn cancel(timer: async_executor::Task<()>) {
        drop(timer);
    }
}

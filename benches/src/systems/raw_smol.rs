//! What smol's users write without a library of actors: a task that reads an unbounded channel, a oneshot for the
//! reply.

use async_channel::Sender;
use futures_lite::FutureExt;

use crate::backends::{Backend, Smol};
use crate::case::{Entrant, Id};
use crate::countdown::Countdown;
use crate::system::System;
use crate::workloads::call::{self, LIMIT, Outside, Servers};
use crate::workloads::call_busy::{self, NAP, Nappers};
use crate::workloads::cast::{self, Casts};
use crate::workloads::ring::{self, Nodes};
use crate::workloads::spawn::{self, Spawns, Stops};
use crate::workloads::{memory, ping_pong};

pub fn entrants() -> Vec<Entrant> {
    [
        call::entrants::<Raw>(),
        call::from_outside::<Raw>(),
        call_busy::entrants::<Raw>(),
        call_busy::with_timer::<Raw>(),
        cast::entrants::<Raw>(),
        ping_pong::entrants::<Raw>(),
        ring::entrants::<Raw>(),
        spawn::entrants::<Raw>(),
        spawn::of_servers::<Raw>(),
        memory::entrants::<Raw>(),
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

impl Servers for Raw {
    type Server = Sender<Message>;

    async fn start_server(&self) -> Sender<Message> {
        let (sender, mailbox) = async_channel::unbounded();
        self.0.spawn(async move {
            let mut sum = 0;
            while let Ok(message) = mailbox.recv().await {
                match message {
                    Message::Add(n, reply) => {
                        sum += n;
                        let _ = reply.send(sum);
                    }
                    Message::Put(n) => sum += n,
                    Message::Stop(ended) => {
                        let _ = ended.send(());
                        return;
                    }
                }
            }
        });
        sender
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
    fn cast(server: &Sender<Message>, n: u64) {
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

    fn link(node: &Sender<Hop>, next: Sender<Hop>) {
        node.try_send(Hop::Next(next)).expect("it is there");
    }

    fn send(node: &Sender<Hop>, token: u64) {
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

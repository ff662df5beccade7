//! Processes without a behaviour: messages, spawns, selective receives, names, timers.

use std::time::{Duration, Instant};

use otp::prelude::*;
use otp::process::MessageRef;

use super::Otp;
use crate::backends::Backend;
use crate::countdown::Countdown;
use crate::workloads::groups::Groups;
use crate::workloads::names::Names;
use crate::workloads::ring::Nodes;
use crate::workloads::selective::Selective;
use crate::workloads::spawn::Spawns;
use crate::workloads::timers::{Record, Timers};

pub enum Hop {
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

    async fn link(node: &ProcessRef<Hop>, next: ProcessRef<Hop>) {
        node.try_send(Hop::Next(next)).expect("it is there");
    }

    async fn send(node: &ProcessRef<Hop>, token: u64) {
        node.try_send(Hop::Token(token)).expect("it is there");
    }
}

impl<B: Backend> Spawns for Otp<B> {
    async fn spawn(&self, ended: Countdown) {
        self.system.spawn(async move |_: ProcessContext<u64>| ended.count());
    }
}

pub enum Mail {
    Question(ProcessRef<Mail>, u64),
    Answer(u64),
    Unwanted,
}

impl<B: Backend> Selective for Otp<B> {
    async fn ask_past(&self, waiting: u64, times: u64) -> Duration {
        let echo = self.system.spawn(async |mut ctx: ProcessContext<Mail>| {
            while let Message::User(Mail::Question(from, n)) = ctx.receive().await {
                // The one who asks may have gone.
                let _ = from.try_send(Mail::Answer(n));
            }
        });
        let (done, time) = futures::channel::oneshot::channel();
        self.system.spawn(async move |mut ctx: ProcessContext<Mail>| {
            let this = ctx.this();
            for _ in 0..waiting {
                this.try_send(Mail::Unwanted).expect("it is running");
            }
            let start = Instant::now();
            for n in 0..times {
                let mark = ctx.mark();
                echo.try_send(Mail::Question(this.clone(), n)).expect("it is running");
                let answer =
                    |mail: MessageRef<'_, Mail>| matches!(mail, MessageRef::User(Mail::Answer(answer)) if *answer == n);
                ctx.receive_match_after(mark, answer).await;
            }
            let _ = done.send(start.elapsed());
        });
        time.await.expect("it was run to its end")
    }
}

impl<B: Backend> Names for Otp<B> {
    type Idle = ProcessRef<()>;

    async fn start_idle(&self) -> ProcessRef<()> {
        self.system.spawn(async |mut ctx: ProcessContext<()>| {
            ctx.receive().await;
        })
    }

    fn register(&self, name: &str, process: &ProcessRef<()>) {
        self.system.register(&Name::dynamic(name), process).expect("the name is free");
    }

    fn is_registered(&self, name: &str) -> bool {
        self.system.whereis(&Name::<()>::dynamic(name)).expect("of that type").is_some()
    }

    async fn end(&self, processes: Vec<ProcessRef<()>>) {
        for process in &processes {
            process.exit(ExitReason::Shutdown);
        }
        for process in processes {
            process.exited().await;
        }
    }
}

impl<B: Backend> Groups for Otp<B> {
    type Scope = otp::registry::Groups<u32, u64>;
    type Member = ProcessRef<u64>;

    async fn start_scope(&self) -> Self::Scope {
        otp::registry::Groups::start(&self.system).await.expect("nothing can fail")
    }

    fn start_member(&self, arrived: Countdown) -> ProcessRef<u64> {
        self.system.spawn(async move |mut ctx: ProcessContext<u64>| {
            loop {
                if let Message::User(_) = ctx.receive().await {
                    arrived.count();
                }
            }
        })
    }

    fn join(scope: &Self::Scope, member: &ProcessRef<u64>) {
        scope.join(&1, member).expect("it is alive");
    }

    fn broadcast(scope: &Self::Scope) -> u64 {
        scope.broadcast(&1, 7).sent as u64
    }

    async fn end(&self, scope: Self::Scope, members: Vec<ProcessRef<u64>>) {
        for member in &members {
            member.exit(ExitReason::Shutdown);
        }
        for member in members {
            member.exited().await;
        }
        assert!(scope.members(&1).is_empty(), "the members have ended");
        scope.stop().await.expect("it is there");
    }
}

impl<B: Backend> Timers for Otp<B> {
    type Target = ProcessRef<Instant>;
    type Timer = TimerRef;

    async fn start_target(&self, record: Record) -> ProcessRef<Instant> {
        self.system.spawn(async move |mut ctx: ProcessContext<Instant>| {
            while let Message::User(due) = ctx.receive().await {
                record.arrived(due);
            }
        })
    }

    fn arm(&self, target: &ProcessRef<Instant>, delay: Duration, due: Instant) -> TimerRef {
        self.system.send_after(delay, target, due)
    }

    fn cancel(timer: TimerRef) {
        timer.cancel().expect("it is still running");
    }
}

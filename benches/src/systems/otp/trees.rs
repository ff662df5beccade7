//! Supervisors.

use otp::prelude::*;

use super::Otp;
use crate::backends::Backend;
use crate::countdown::Countdown;
use crate::workloads::restart::{self, BRANCHES, CRASH, DeepTrees, INTENSITY, LEAVES, PERIOD, Trees};

/// A server that can be crashed.
pub struct Fragile;

#[gen_server]
impl Fragile {
    #[init]
    fn init(started: Countdown) -> Self {
        started.count();
        Fragile
    }

    #[call]
    fn answer(&mut self) {}

    #[cast]
    fn crash(&mut self) {
        panic!("{CRASH}");
    }
}

const FIRST: ServerName<Fragile> = ServerName::new("first");

impl<B: Backend> Trees for Otp<B> {
    type Tree = (SupervisorRef, ServerRef<Fragile>);

    async fn start_tree(&self, strategy: restart::Strategy, children: u64, started: Countdown) -> Self::Tree {
        let strategy = match strategy {
            restart::Strategy::OneForOne => Strategy::OneForOne,
            restart::Strategy::OneForAll => Strategy::OneForAll,
        };
        let child = |n: u64| {
            let started = started.clone();
            ChildSpec::worker(n.to_string(), move |sup: Process| {
                let start = Fragile::start_link(&sup, started.clone());
                if n == 0 { start.name(FIRST) } else { start }
            })
        };
        let supervisor = Supervisor::new(strategy)
            .intensity(INTENSITY as usize, PERIOD)
            .children((0..children).map(child))
            .start(&self.system)
            .await
            .expect("it starts");
        (supervisor, ServerRef::named(&self.system, FIRST))
    }

    async fn crash((_, first): &Self::Tree) {
        first.crash();
    }

    async fn answers((_, first): &Self::Tree) -> bool {
        first.answer().await.is_ok()
    }

    async fn stop((supervisor, _): Self::Tree) {
        supervisor.stop().await.expect("it stops");
    }
}

pub struct Leaf;

#[gen_server]
impl Leaf {
    #[init]
    fn init() -> Self {
        Leaf
    }
}

impl<B: Backend> DeepTrees for Otp<B> {
    type Deep = SupervisorRef;

    async fn start_deep(&self) -> SupervisorRef {
        let leaf = |n: u64| ChildSpec::worker(n.to_string(), |sup: Process| Leaf::start_link(&sup, ()));
        let branch = |n: u64| {
            ChildSpec::supervisor(n.to_string(), move |sup: Process| {
                Supervisor::new(Strategy::OneForOne).children((0..LEAVES).map(leaf)).start_link(&sup)
            })
        };
        let top = Supervisor::new(Strategy::OneForOne).children((0..BRANCHES).map(branch));
        top.start(&self.system).await.expect("it starts")
    }

    async fn stop_deep(tree: SupervisorRef) {
        tree.stop().await.expect("it stops");
    }
}

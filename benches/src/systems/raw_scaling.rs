//! What threads do at once with a `DashMap` and with tokio's tasks.

use std::time::Duration;

use dashmap::DashMap;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use super::raw_tokio::Mpsc;
use crate::backends::Tokio;
use crate::system::On;
use crate::workloads::scaling::{Act, NAMES, Scaled, compute, nth};

/// What otp has in rows of the same name, and a task has not.
pub const LEFT_OUT: super::LeftOut = &[
    ("scaling/alive", "a task has no pid"),
    ("scaling/links", "a task has no links"),
    ("scaling/monitors", "a task has no monitors"),
    ("scaling/registry", "a map of tasks by name: scaling/lookup"),
];

/// Channels by name.
pub struct Shared {
    names: Vec<String>,
    holders: DashMap<String, mpsc::UnboundedSender<()>>,
    numbers: DashMap<u64, u64>,
    executor: Handle,
}

impl<B: Tokio> Scaled for On<Mpsc, B> {
    type Shared = Shared;

    const ACTS: &'static [Act<Self>] = &[
        Act { name: "compute", what: "a computation: the control", act: |_, _, times| compute(times) },
        Act { name: "lookup", what: "find a process by its name, among 100,000", act: look_up },
        Act { name: "lookup-hot", what: "find a process by its name, always the same", act: look_up_one },
        Act { name: "register", what: "give a process a name, and take it away", act: register },
        Act { name: "timers", what: "arm a timer for a process, and cancel it", act: arm_and_cancel },
        Act { name: "table", what: "look a row up in a table, among 100,000", act: row_of },
    ];

    async fn share(&self, names: Vec<String>) -> Shared {
        let holders = DashMap::new();
        for name in &names {
            let (sender, mut mailbox) = mpsc::unbounded_channel();
            tokio::spawn(async move { mailbox.recv().await });
            holders.insert(name.clone(), sender);
        }
        let numbers = (0..NAMES).map(|key| (key, key)).collect();
        Shared { names, holders, numbers, executor: Handle::current() }
    }

    async fn end(&self, shared: Shared) {
        // A task ends when nobody holds its channel any more.
        drop(shared);
    }
}

fn look_up(shared: &Shared, thread: u64, times: u64) {
    for n in 0..times {
        let found = shared.holders.get(&shared.names[nth(thread, n)]).map(|holder| holder.clone());
        assert!(found.is_some());
    }
}

fn look_up_one(shared: &Shared, _: u64, times: u64) {
    for _ in 0..times {
        let found = shared.holders.get(&shared.names[0]).map(|holder| holder.clone());
        assert!(found.is_some());
    }
}

fn register(shared: &Shared, thread: u64, times: u64) {
    let (sender, _mailbox) = mpsc::unbounded_channel();
    for n in 0..times {
        let name = format!("thread {thread}, number {n}");
        assert!(shared.holders.insert(name.clone(), sender.clone()).is_none(), "the name is free");
        assert!(shared.holders.remove(&name).is_some(), "it has this name");
    }
}

fn arm_and_cancel(shared: &Shared, _: u64, times: u64) {
    let (sender, _mailbox) = mpsc::unbounded_channel();
    for _ in 0..times {
        let sender = sender.clone();
        let timer = shared.executor.spawn(async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            // The process may have gone.
            let _ = sender.send(());
        });
        timer.abort();
    }
}

fn row_of(shared: &Shared, thread: u64, times: u64) {
    for n in 0..times {
        let row = shared.numbers.get(&(nth(thread, n) as u64)).map(|row| *row);
        assert!(row.is_some());
    }
}

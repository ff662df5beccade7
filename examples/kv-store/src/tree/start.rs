use std::sync::Arc;
use std::time::Duration;

use otp::health::{HealthEndpoint, Watchdog};
use otp::observer::Observer;
use otp::prelude::*;
use otp::process::Spawner;
use otp::runtime::net::Listener;
use otp::supervisor::ServerSpec;

use super::Tree;
use super::address::{CONNECTIONS, Connections, KV, STORE, shard_name};
use crate::shard::{Layout, Shard, StoreOptions};
use crate::{acceptor, connection, metrics};

/// Starts the tree; ready when every shard has recovered and clients are served.
///
/// # Errors
///
/// If a part did not start: [`otp::supervisor::FailedToStartChild::behind`] tells which. Nothing is left running then.
pub async fn start(
    tree: Arc<Tree>,
    on: &impl Spawner,
    layout: &Layout,
    listener: Arc<Listener>,
) -> Result<SupervisorRef, StartError> {
    watched(Supervisor::new(Strategy::OneForOne), &tree)
        .intensity(3, Duration::from_secs(60))
        .child(store(&tree, layout))
        .child(connections(tree.clone()))
        .child(acceptor(tree, listener))
        .start_link(on)
        .name(KV)
        .await
}

/// Adds what shows the server to those who run it, as far as they want it. These children come first, so that they are
/// there as long as there is anything to see.
fn watched(mut kv: Supervisor, tree: &Tree) -> Supervisor {
    if let Some(address) = tree.options.health {
        kv = kv.child(HealthEndpoint::on(address).health(tree.health.clone())).child(Watchdog::new().supervised());
    }
    if let Some(address) = tree.options.metrics {
        kv = metrics::add_to(kv, address).expect("the bounds are in order");
    }
    if let Some(address) = tree.options.observer {
        let observer = Observer::on(address);
        kv = kv.child(match &tree.options.observer_token {
            Some(token) => observer.writable(token.expose().clone()),
            None => observer,
        });
    }
    kv
}

fn store(tree: &Tree, layout: &Layout) -> ChildSpec<SupervisorRef> {
    let options = StoreOptions { fsync: tree.options.fsync, ..StoreOptions::default() };
    let shards: Vec<_> = (0..layout.shards()).map(|number| shard(number, layout, options)).collect();
    ChildSpec::supervisor(STORE, move |kv: Process| {
        Supervisor::new(Strategy::OneForOne)
            .intensity(100, Duration::from_secs(10))
            .children(shards)
            .start_link(&kv)
            .name(STORE)
    })
}

fn shard(number: usize, layout: &Layout, options: StoreOptions) -> ServerSpec<Shard> {
    Shard::child((layout.log_path(number), options)).name(shard_name(number))
}

fn connections(tree: Arc<Tree>) -> ChildSpec<SupervisorRef<Connections>> {
    let limit = tree.options.max_connections.count();
    ChildSpec::supervisor(CONNECTIONS, move |kv: Process| {
        DynamicSupervisor::template(move |socket| connection::spec(tree.clone(), socket))
            .max_children(limit)
            .start_link(&kv)
            .name(CONNECTIONS)
    })
}

fn acceptor(tree: Arc<Tree>, listener: Arc<Listener>) -> ChildSpec<ProcessRef<NoMessage>> {
    ChildSpec::worker("acceptor", move |kv: Process| {
        let options = SpawnOptions::new().link().name(Name::new("acceptor"));
        let spawned = kv.spawn_with(options, move |_: ProcessContext<NoMessage>| acceptor::run(tree, listener));
        std::future::ready(spawned.map(|spawned| spawned.process))
    })
}

//! Nodes whose connections are cut at random while they are busy with each other: two of the library, and a BEAM that runs
//! `soak.exs`. At the end nothing is left over.
//!
//! `soak-node BACKEND COOKIE EPMD-PORT SECONDS`

#![allow(clippy::print_stdout, reason = "whoever started it reads the figures")]

mod client;
mod figures;
mod server;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use futures::future::join_all;
use otp::dist::{Cluster, Cookie, Node, NodeName};
use otp::etf::{Atom, Term};
use otp::prelude::*;
use otp::registry::{Groups, GroupsName};

use crate::client::{Client, Work};
use crate::figures::{Figures, resident};
use crate::server::{SOAK, Soak};

const PG: GroupsName<String, Term> = GroupsName::new("pg");
const NAMES: [&str; 2] = ["rust1@127.0.0.1", "rust2@127.0.0.1"];
const BEAM: &str = "beam@127.0.0.1";
const CLIENTS: usize = 8;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [backend, cookie, epmd, seconds] = &arguments[..] else { return ExitCode::from(2) };
    let (Ok(epmd), Ok(seconds)) = (epmd.parse(), seconds.parse()) else { return ExitCode::from(2) };
    let node = |name: &str| Node::named(name).expect("it is a name").cookie(Cookie::new(cookie)).epmd(epmd);
    let nodes = NAMES.map(|name| node(name).shares(PG).serves::<Soak>());
    let soaked = Duration::from_secs(seconds);
    match backend.as_str() {
        "smol" => otp::smol::run(async |system| soak(system, nodes, soaked).await),
        _ => otp::tokio::run(async |system| soak(system, nodes, soaked).await),
    }
}

async fn soak(system: System, nodes: [Node; 2], soaked: Duration) -> ExitCode {
    let mut clusters = Vec::new();
    for node in nodes {
        let system = System::on(system.runtime().clone());
        // Processes end all the time.
        system.log_crashes(false);
        let tree = Supervisor::new(Strategy::RestForOne).child(Groups::child(PG)).child(node);
        tree.start(&system).await.expect("the node starts");
        let cluster = Cluster::of(&system).expect("it has started");
        Soak::start(&system, cluster.clone()).name(SOAK).await.expect("the name is free");
        clusters.push(cluster);
    }
    println!("ready");
    let all: Vec<NodeName> = NAMES.iter().chain([&BEAM]).map(|name| name.parse().expect("it is a name")).collect();
    // Its server is the last thing that it starts.
    let of_beam = clusters[0].named("soak", BEAM).expect("it is a name");
    while of_beam.call::<u64>(&(Atom::from_static("echo"), 1)).await.is_err() {
        system.sleep(Duration::from_millis(100)).await;
    }
    let before = quiet(&system, &clusters, &all, None).await;
    println!("before: {before}, {} MiB", resident());
    tell_beam(&clusters[0], "go").await;

    // A tenth of the time for what is kept on purpose: buffers, tables, stacks of threads.
    let warm = work(&clusters, &all, soaked / 10).await;
    println!("warm:   {warm}, {} MiB", resident());
    let done = work(&clusters, &all, soaked - soaked / 10).await;
    let after = quiet(&system, &clusters, &all, Some(&before)).await;
    println!("done:   {done}");
    println!("after:  {after}, {} MiB", resident());
    tell_beam(&clusters[0], "stop").await;
    let left = before != after;
    if left {
        println!("something is left over");
    }
    join_all(clusters.iter().map(|cluster| cluster.system().shutdown(Duration::from_secs(2)))).await;
    ExitCode::from(u8::from(left))
}

async fn tell_beam(cluster: &Cluster, what: &str) {
    let boss = cluster.named("boss", BEAM).expect("it is a name");
    boss.send(&Term::atom(what)).await.expect("it is connected");
}

/// Has clients of each node of the library work with the other nodes for some time.
async fn work(clusters: &[Cluster], all: &[NodeName], time: Duration) -> Arc<Work> {
    let work = Arc::new(Work::default());
    let mut clients = Vec::new();
    for cluster in clusters {
        let system = cluster.system();
        let end = system.now() + time;
        for _ in 0..CLIENTS {
            let others = all.iter().filter(|name| *name != cluster.name()).cloned().collect();
            let groups = Groups::named(system, PG);
            let (cluster, work) = (cluster.clone(), work.clone());
            let client = system.spawn(async move |mut ctx: ProcessContext<Term>| {
                ctx.trap_exit(true);
                Client { cluster, others, groups, work, end }.run(&mut ctx).await;
            });
            clients.push(client.exited());
        }
    }
    for ended in join_all(clients).await {
        assert_eq!(ended, ExitReason::Normal, "a client has failed");
    }
    work
}

/// Connects all nodes, and waits for the figures to be what they were, for at most a minute.
async fn quiet(system: &System, clusters: &[Cluster], all: &[NodeName], before: Option<&Figures>) -> Figures {
    let (mut figures, mut same) = (Figures::default(), 0);
    for _ in 0..600 {
        for cluster in clusters {
            let others = all.iter().filter(|name| *name != cluster.name());
            join_all(others.map(|other| cluster.connect(other))).await;
        }
        let now = Figures::of(clusters, &PG);
        let is_whole = now.is_connected_to(all.len() - 1);
        same = if now == figures && is_whole { same + 1 } else { 0 };
        figures = now;
        // The first time they have only to stay what they are.
        if same >= 5 && before.is_none_or(|before| *before == figures) {
            break;
        }
        // A BEAM does not always remove the monitors of calls that it has given up while it was connected again, also those at
        // another BEAM. They end with the connection.
        if same >= 20 {
            let beam = BEAM.parse().expect("it is a name");
            for cluster in clusters {
                cluster.disconnect(&beam);
            }
            same = 0;
        }
        system.sleep(Duration::from_millis(100)).await;
    }
    figures
}

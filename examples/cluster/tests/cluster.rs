//! What the example promises, in the simulator: each node is the program, on a host of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use cluster::counter::{COUNTER, CounterClient, Refusal};
use cluster::members::Members;
use cluster::tree::tree;
use otp::dist::{Cluster, Node};
use otp::prelude::*;
use otp::sim::{Config, Faults, SimCluster, SimNode, check};

const NODES: usize = 3;

/// Long enough for a lost node to be given up, for those that are there to connect, and for shards to move.
const SETTLED: Duration = Duration::from_secs(60);

/// What a node does when it boots.
async fn program(system: System, node: Node) {
    let members = Members::new((1..=NODES).map(|number| format!("n{number}@n{number}").parse().unwrap()));
    tree(node.tick_time(Duration::from_secs(8)), members).start(&system).await.unwrap();
}

async fn start(system: &System) -> SimCluster {
    let cluster = otp::sim::cluster(NODES, program).await;
    system.sleep(Duration::from_secs(10)).await;
    cluster
}

/// What clients have asked for.
#[derive(Clone, Default)]
struct Tally(Arc<[AtomicU64; 2]>);

impl Tally {
    /// A client of a node: adds one to a key, again and again, as long as the node lives.
    fn client(&self, of: &SimNode, key: &'static str) {
        let Some(system) = of.system() else { return };
        let tally = self.clone();
        system.spawn(async move |ctx: ProcessContext<()>| {
            let counter = ServerRef::named(ctx.system(), COUNTER);
            loop {
                tally.0[0].fetch_add(1, Ordering::Relaxed);
                if let Ok(Ok(_)) = counter.add(key.to_owned(), 1).await {
                    tally.0[1].fetch_add(1, Ordering::Relaxed);
                }
                ctx.system().sleep(Duration::from_millis(ctx.system().random() & 4095)).await;
            }
        });
    }

    fn tried(&self) -> u64 {
        self.0[0].load(Ordering::Relaxed)
    }

    fn acknowledged(&self) -> u64 {
        self.0[1].load(Ordering::Relaxed)
    }

    /// On every node, the count has everything that was acknowledged, and nothing that nobody has asked for.
    async fn assert_counted(&self, cluster: &SimCluster, key: &str) {
        let acknowledged = self.acknowledged();
        for node in cluster.nodes().iter().filter(|node| node.is_up()) {
            let count = count(node, key).await.unwrap();
            assert!(acknowledged <= count, "{node:?} has {count}, and {acknowledged} were acknowledged");
            assert!(count <= self.tried(), "{node:?} has {count}, and only {} were asked for", self.tried());
        }
    }
}

async fn count(at: &SimNode, key: &str) -> Result<u64, Refusal> {
    ServerRef::named(&at.system().unwrap(), COUNTER).count(key.to_owned()).await.unwrap()
}

async fn owners(at: &SimNode) -> Vec<String> {
    ServerRef::named(&at.system().unwrap(), COUNTER).owners().await.unwrap()
}

#[test]
fn the_shards_of_a_node_that_dies_move_with_what_was_acknowledged_and_come_back_with_it() {
    check(Config::new().seeds(3), async |system| {
        let cluster = start(&system).await;
        let before = owners(&cluster[0]).await;
        assert_eq!(before, owners(&cluster[2]).await);
        let keys = ["apples", "pears", "plums"];
        let tallies = keys.map(|key| {
            let tally = Tally::default();
            tally.client(&cluster[0], key);
            tally.client(&cluster[2], key);
            (key, tally)
        });
        system.sleep(Duration::from_secs(20)).await;

        cluster[1].crash();
        system.sleep(SETTLED).await;
        let after = owners(&cluster[0]).await;
        assert!(before.iter().any(|owner| owner == "n2@n2") && after.iter().all(|owner| owner != "n2@n2"));
        for (key, tally) in &tallies {
            assert!(tally.acknowledged() > 10, "{key}: {}", tally.acknowledged());
            tally.assert_counted(&cluster, key).await;
        }

        cluster[1].restart().await;
        system.sleep(SETTLED).await;
        assert_eq!(owners(&cluster[1]).await, before);
        for (key, tally) in &tallies {
            tally.assert_counted(&cluster, key).await;
        }
    });
}

#[test]
fn no_acknowledged_add_is_lost_by_partitions_and_the_death_of_one_node() {
    let trouble = Faults::none()
        .partition(60, Duration::from_secs(40))
        .reset_connection(150)
        .half_open(150)
        .lag(30, Duration::from_secs(2))
        .slow_reader(60, Duration::from_secs(5));
    check(Config::new().seeds(10).faults(trouble), async |system| {
        let cluster = start(&system).await;
        let tally = Tally::default();
        for node in cluster.nodes() {
            tally.client(node, "apples");
        }
        system.sleep(Duration::from_secs(system.random() % 200)).await;
        let victim = &cluster[(system.random() % NODES as u64) as usize];
        victim.crash();
        system.sleep(Duration::from_secs(system.random() % 100)).await;
        victim.restart().await;
        tally.client(victim, "apples");
        system.sleep(Duration::from_secs(100)).await;

        cluster.recover().await;
        system.sleep(SETTLED).await;
        tally.assert_counted(&cluster, "apples").await;
        assert!(tally.acknowledged() > 20, "{}", tally.acknowledged());
    });
}

#[test]
fn a_node_that_sees_no_other_refuses_to_count_and_still_tells_what_it_knows() {
    check(Config::new().seeds(5), async |system| {
        let cluster = start(&system).await;
        let counter = ServerRef::named(&cluster[0].system().unwrap(), COUNTER);
        assert_eq!(counter.add("apples".to_owned(), 3).await, Ok(Ok(3)));
        // So that it has a copy, which it keeps, whether it is responsible or not.
        let known = owners(&cluster[0]).await;
        cluster.isolate(0);
        system.sleep(SETTLED).await;
        assert_eq!(counter.add("apples".to_owned(), 1).await, Ok(Err(Refusal::Alone)));
        assert!(owners(&cluster[0]).await.iter().all(|owner| owner == "n1@n1"));
        assert_eq!(count(&cluster[1], "apples").await, Ok(3));
        assert!(Cluster::of(&cluster[1].system().unwrap()).is_ok());

        cluster.heal();
        system.sleep(SETTLED).await;
        assert_eq!(owners(&cluster[0]).await, known);
        assert_eq!(count(&cluster[0], "apples").await, Ok(3));
    });
}

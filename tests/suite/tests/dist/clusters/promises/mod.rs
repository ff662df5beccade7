//! What Erlang's distribution promises, whatever the network and the nodes do: on each seed three nodes send to each other
//! and are tied to each other, while the seed parts them, ends their connections, and crashes them.

mod world;

use std::time::Duration;

use otp::dist::NodeName;
use otp::sim::{Config, Faults, SimCluster, check, cluster};
use otp::{ExitReason, Name};

use self::world::World;
use super::{GIVEN_UP, dist, names, seen_by};
use otp::etf::Term;

const NODES: usize = 3;

/// All that can happen to a cluster, and often enough that much of it happens in each run.
fn trouble() -> Faults {
    Faults::none()
        .partition(60, Duration::from_secs(120))
        .reset_connection(150)
        .half_open(150)
        .lag(30, Duration::from_secs(2))
        .slow_reader(60, Duration::from_secs(5))
        .refuse_connect(6)
        .crash(1_000, Duration::from_secs(20))
}

#[test]
fn what_the_distribution_promises_holds_whatever_happens() {
    check(Config::new().seeds(200).faults(trouble()), async |system| {
        let world = World::new(NODES);
        let cluster = cluster(NODES, world.program()).await;
        system.sleep(Duration::from_secs(300)).await;

        cluster.recover().await;
        world.stop_sending();
        system.sleep(2 * GIVEN_UP).await;
        for a in cluster.nodes() {
            for b in cluster.nodes() {
                let (there, back) = (seen_by(a).contains(b.name()), seen_by(b).contains(a.name()));
                assert_eq!(there, back, "whether {a:?} and {b:?} are connected");
            }
        }
        cluster.connect_all().await.unwrap();
        assert!(cluster.nodes().iter().all(|node| seen_by(node) == others(&cluster, node.name())));

        for node in cluster.nodes() {
            let system = node.system().unwrap();
            let sink = system.whereis(&Name::<Term>::new("sink")).unwrap().expect("nobody else ends it");
            system.exit(sink.pid(), ExitReason::Shutdown);
        }
        system.sleep(Duration::from_secs(10)).await;
        world.assert_each_monitor_and_link_has_fired_once(&cluster);

        let before = world.downs();
        for a in cluster.nodes() {
            for b in cluster.nodes().iter().filter(|b| b.name() != a.name()) {
                dist(a).disconnect(b.name());
            }
        }
        system.sleep(Duration::from_secs(2)).await;
        let after = world.downs();
        assert!(before.len() == NODES * (NODES - 1) && before.iter().zip(&after).all(|(before, after)| before < after));
        assert!(world.received() > 20, "{}", world.received());
    });
}

fn others(cluster: &SimCluster, name: &NodeName) -> Vec<NodeName> {
    names(&cluster.nodes().iter().filter(|node| node.name() != name).collect::<Vec<_>>())
}

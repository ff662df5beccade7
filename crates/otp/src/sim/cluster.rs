use std::ops::Index;
use std::sync::Arc;

use otp_core::System;
use otp_dist::{Cluster, ConnectError, Node};
use otp_sim::{SimNet, net, set_faults};

use super::node::SimNode;

/// Starts a cluster of `nodes` nodes, each a program of its own on a host of its own, in the current run of the simulator.
/// Returns when all have started; they are not connected yet.
///
/// `program` is what a node does when it boots, at first and after each crash: it gets a new [`System`] and a [`Node`],
/// which it starts, alone or under a supervisor, with whatever else belongs to the program. The `Node` has its name, its
/// cookie and its port; the program may add the rest, such as [`serves`](Node::serves) or a
/// [`tick_time`](Node::tick_time). A node has started when the future of `program` is ready, and what it has started runs
/// on. What outlives a crash, such as a file, is what `program` owns.
///
/// The nodes are `n1@n1`, `n2@n2` and so on, on the hosts `n1`, `n2`. One seed decides the order of events on all of them,
/// the latency between them ([`Config::latency`](crate::sim::Config::latency)), and which [`Faults`](crate::sim::Faults)
/// happen when: partitions, resets, half-open connections, slow readers, crashes with a restart, and those of processes. The
/// trace of a failed run shows the host in front of each pid.
///
/// The nodes run until the run ends, and so [`Config::leaks`](crate::sim::Config::leaks) finds them.
///
/// ```
/// use otp::dist::Cluster;
/// use otp::sim::{Config, check};
/// use std::time::Duration;
///
/// check(Config::new(), async |system| {
///     let cluster = otp::sim::cluster(3, async |system, node| {
///         node.start(&system).await.unwrap();
///     })
///     .await;
///     cluster.connect_all().await.unwrap();
///     let of = |index: usize| Cluster::of(&cluster[index].system().unwrap()).unwrap();
///     assert_eq!(of(0).nodes().visible, [cluster[1].name().clone(), cluster[2].name().clone()]);
///
///     // Nobody hears from n1, and after a minute it is given up.
///     cluster.isolate(0);
///     system.sleep(Duration::from_secs(80)).await;
///     assert_eq!(of(1).nodes().visible, [cluster[2].name().clone()]);
/// });
/// ```
///
/// # Panics
///
/// If it is called outside a run of the simulator, or a program ends with a panic.
///
/// # Cancel safety
///
/// If the future is dropped, the nodes run on.
pub async fn cluster<F, Fut>(nodes: usize, program: F) -> SimCluster
where
    F: Fn(System, Node) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let net = net().expect("a simulated cluster is started in a run of the simulator");
    let program = Arc::new(program);
    let boot = |number| {
        let program = program.clone();
        SimNode::boot(&net, number, move |system, node| Box::pin(program(system, node)))
    };
    let cluster = SimCluster { nodes: (1..=nodes).map(boot).collect(), net };
    cluster.started().await;
    cluster
}

/// A simulated cluster, made by [`cluster`]: its nodes, by their index from 0, and what happens to all of them. Cheap to
/// clone.
#[derive(Clone, Debug)]
pub struct SimCluster {
    nodes: Arc<[SimNode]>,
    net: SimNet,
}

impl SimCluster {
    /// The nodes, those that are down included.
    pub fn nodes(&self) -> &[SimNode] {
        &self.nodes
    }

    /// Connects each node that is up to each other one. Waits until those that boot have started.
    ///
    /// # Errors
    ///
    /// The [`ConnectError`] of the first attempt that fails.
    ///
    /// # Panics
    ///
    /// If a program has not started its [`Node`].
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the attempt that it waits for goes on, and no other is begun.
    pub async fn connect_all(&self) -> Result<(), ConnectError> {
        for node in self.nodes.iter().filter(|node| node.is_up()) {
            node.started().await;
        }
        for from in self.nodes.iter() {
            let Some(system) = from.system() else { continue };
            let cluster = Cluster::of(&system).unwrap_or_else(|error| panic!("{}: {error}", from.name()));
            for to in self.nodes.iter().filter(|to| to.is_up()) {
                cluster.connect(to.name()).await?;
            }
        }
        Ok(())
    }

    /// Partitions a node from all others, in both directions.
    ///
    /// # Panics
    ///
    /// If there is no such node.
    pub fn isolate(&self, node: usize) {
        self.partition(&[node]);
    }

    /// Partitions these nodes from the others, in both directions. Data is not lost but held up, as with TCP, until
    /// [`heal`](SimCluster::heal), or until one side gives the other up.
    ///
    /// # Panics
    ///
    /// If there is no such node.
    pub fn partition(&self, these: &[usize]) {
        for node in these.iter().map(|index| &self[*index]) {
            for (index, other) in self.nodes.iter().enumerate() {
                if !these.contains(&index) {
                    node.partition(other);
                }
            }
        }
    }

    /// Ends all partitions.
    pub fn heal(&self) {
        self.net.heal_all();
    }

    /// Ends all trouble: switches the faults of the seed off, heals all partitions, and starts the nodes again that have
    /// crashed. What must be true in the end is asserted after it, when the cluster has had time to find together again.
    ///
    /// # Panics
    ///
    /// If a program ends with a panic.
    ///
    /// # Cancel safety
    ///
    /// All of it is done at the first poll. If the future is dropped, nobody waits until the nodes have started.
    pub async fn recover(&self) {
        set_faults(false);
        self.heal();
        self.net.restart_all();
        self.started().await;
    }

    async fn started(&self) {
        for node in self.nodes.iter() {
            node.started().await;
        }
    }
}

impl Index<usize> for SimCluster {
    type Output = SimNode;

    fn index(&self, index: usize) -> &SimNode {
        &self.nodes[index]
    }
}

use std::fmt;
use std::future::poll_fn;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use otp_core::{ExitReason, ProcessContext, ProcessRef, System};
use otp_dist::{Cookie, Node, NodeName};
use otp_sim::{SimNet, SimRuntime};

/// A node of a [`SimCluster`](crate::sim::SimCluster): its system while it is up, and what happens to it. Cheap to clone.
#[derive(Clone)]
pub struct SimNode {
    net: SimNet,
    name: NodeName,
    lives: Arc<Mutex<Lives>>,
}

/// The lives of a node so far.
#[derive(Default)]
struct Lives {
    last: Option<Life>,
    count: u64,
    /// Those who wait for the next one.
    waiting: Vec<Waker>,
}

#[derive(Clone)]
struct Life {
    system: System,
    /// The process that starts the program.
    start: ProcessRef<()>,
}

type Started = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Every node listens on this port of its host.
const PORT: u16 = 4370;

impl SimNode {
    pub(super) fn boot(
        net: &SimNet,
        number: usize,
        program: impl Fn(System, Node) -> Started + Send + Sync + 'static,
    ) -> SimNode {
        let name: NodeName = format!("n{number}@n{number}").parse().expect("it is a name");
        let lives = Arc::<Mutex<Lives>>::default();
        let node = SimNode { net: net.clone(), name: name.clone(), lives: lives.clone() };
        let program = Arc::new(program);
        let address = net.address(node.host());
        net.boot(node.host(), move |runtime| begin(&lives, runtime, (&name, address), program.clone()));
        node
    }

    /// The name, such as `n1@n1`.
    pub fn name(&self) -> &NodeName {
        &self.name
    }

    /// The host of the node, in the [`SimNet`].
    pub fn host(&self) -> &str {
        self.name.host()
    }

    /// The system of the current life, with which a test starts processes on the node, and looks at those that are there.
    /// `None` while the node is down.
    pub fn system(&self) -> Option<System> {
        self.is_up().then(|| self.lives().last.as_ref().map(|life| life.system.clone()))?
    }

    /// True if the node has not crashed since it was last started.
    pub fn is_up(&self) -> bool {
        self.net.is_up(self.host())
    }

    /// Crashes the node, as by a loss of power: all its processes are gone at once, and nobody is told. Its peers learn of it
    /// when they send, or from the silence.
    pub fn crash(&self) {
        self.net.crash(self.host());
    }

    /// Restarts the node: crashes it, unless it is down, and runs its program again, with another creation of the node.
    /// Returns when it has started.
    ///
    /// # Panics
    ///
    /// If the program ends with a panic.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the node runs on.
    pub async fn restart(&self) {
        self.crash();
        self.net.restart(self.host());
        self.started().await;
    }

    /// Partitions the node from another one, in both directions, until they are [healed](SimNode::heal).
    pub fn partition(&self, other: &SimNode) {
        self.net.partition(self.host(), other.host());
    }

    /// Partitions the nodes in one direction: what this node sends does not reach the other one.
    pub fn partition_to(&self, other: &SimNode) {
        self.net.partition_one_way(self.host(), other.host());
    }

    /// Ends the partitions between the node and another one.
    pub fn heal(&self, other: &SimNode) {
        self.net.heal(self.host(), other.host());
    }

    /// Adds latency between the node and another one, from now on; zero removes it.
    pub fn slow(&self, other: &SimNode, by: Duration) {
        self.net.slow(self.host(), other.host(), by);
    }

    /// Resets the connections with another node: both ends fail at once. Returns how many there were.
    pub fn reset(&self, other: &SimNode) -> usize {
        self.net.reset(self.host(), other.host())
    }

    /// Makes the node forget its connections with another one, which does not notice before it sends. Returns how many there
    /// were.
    pub fn half_open(&self, other: &SimNode) -> usize {
        self.net.half_open(self.host(), other.host())
    }

    /// Makes the node read nothing from another one for some time: the connection fills, and senders there wait. Returns the
    /// number of connections.
    pub fn slow_reader(&self, other: &SimNode, time: Duration) -> usize {
        self.net.slow_reader(self.host(), other.host(), time)
    }

    /// Waits until the program has started, in this life or in a later one.
    pub(super) async fn started(&self) {
        let mut seen = 0;
        loop {
            let (count, life) = poll_fn(|cx| {
                let mut lives = self.lives();
                match &lives.last {
                    Some(life) if lives.count > seen => Poll::Ready((lives.count, life.clone())),
                    _ => {
                        lives.waiting.push(cx.waker().clone());
                        Poll::Pending
                    }
                }
            })
            .await;
            seen = count;
            match life.start.exited().await {
                ExitReason::Normal => return,
                // It has crashed meanwhile, and starts again.
                _ if self.lives().count > seen || !self.is_up() => {}
                reason => panic!("the program of {} does not start: {reason}", self.name),
            }
        }
    }

    fn lives(&self) -> MutexGuard<'_, Lives> {
        self.lives.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Begins a life of a node.
fn begin<P>(lives: &Mutex<Lives>, runtime: SimRuntime, (name, address): (&NodeName, IpAddr), program: Arc<P>)
where
    P: Fn(System, Node) -> Started + Send + Sync + 'static,
{
    let system = System::new(runtime);
    let node = Node::named(name.as_str()).expect("it is a name");
    let node = node.cookie(Cookie::new("simulated")).listen((address, PORT)).fixed_port(PORT);
    let of_program = system.clone();
    let start = system.spawn(async move |_: ProcessContext<()>| program(of_program, node).await);
    let (waiting, last) = {
        let mut lives = lives.lock().unwrap_or_else(PoisonError::into_inner);
        lives.count += 1;
        (std::mem::take(&mut lives.waiting), lives.last.replace(Life { system, start }))
    };
    drop(last);
    waiting.into_iter().for_each(Waker::wake);
}

impl fmt::Debug for SimNode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SimNode({})", self.name)
    }
}

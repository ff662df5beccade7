use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use otp::dist::{Cluster, Node, NodeDown, NodeEvent, NodeName, Remote};
use otp::etf::{Pid as WirePid, Term, from_term};
use otp::process::MonitorRef;
use otp::sim::SimCluster;
use otp::{Address, ExitReason, Message, Name, Pid, ProcessContext, System};

/// What the nodes of a cluster do, and what they have seen: every promise is checked where it could be broken.
#[derive(Clone)]
pub(super) struct World {
    names: Vec<NodeName>,
    seen: Arc<Mutex<Seen>>,
    is_over: Arc<AtomicBool>,
}

#[derive(Default)]
struct Seen {
    /// How often each node has started.
    lives: BTreeMap<NodeName, u64>,
    /// The sinks of all lives, as other nodes know them.
    sinks: Vec<(u64, WirePid)>,
    /// The last message of each sender to each sink: both with their lives.
    last: BTreeMap<(Place, Place), u64>,
    /// How often each monitor has fired.
    monitors: BTreeMap<(Place, MonitorRef), u32>,
    /// The links that are set, by the processes here and there.
    links: BTreeSet<(Place, Pid)>,
    /// How often each node, in one of its lives, was told by a monitor that another one is not connected.
    downs: BTreeMap<(Place, NodeName), u64>,
    received: u64,
    /// The first promise that was broken.
    broken: Option<String>,
}

/// A node in one of its lives.
type Place = (NodeName, u64);

/// The sender's node and life, a number that it counts up, and the life that is meant, if one is.
type Letter = (String, u64, u64, Option<u64>);

impl World {
    pub(super) fn new(nodes: usize) -> World {
        let names = (1..=nodes).map(|number| format!("n{number}@n{number}").parse().unwrap()).collect();
        let world = World { names, seen: Arc::default(), is_over: Arc::default() };
        let watched = world.clone();
        otp::sim::always(move || watched.seen().broken.take().map_or(Ok(()), Err));
        world
    }

    /// The program of each node.
    pub(super) fn program(&self) -> impl Fn(System, Node) -> BoxFuture<'static, ()> + Send + Sync + use<> {
        let world = self.clone();
        move |system, node| Box::pin(world.clone().run(system, node))
    }

    pub(super) fn stop_sending(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }

    pub(super) fn received(&self) -> u64 {
        self.seen().received
    }

    /// How often each pair of nodes, as they are now, was told by a monitor of a node that it is not connected.
    pub(super) fn downs(&self) -> Vec<u64> {
        let seen = self.seen();
        let of_now = seen.downs.iter().filter(|((place, _), _)| seen.lives[&place.0] == place.1);
        of_now.map(|(_, downs)| *downs).collect()
    }

    /// Asserts it of the nodes as they are now: what a process that has crashed would have heard, nobody knows.
    pub(super) fn assert_each_monitor_and_link_has_fired_once(&self, cluster: &SimCluster) {
        let seen = self.seen();
        let lives: Vec<Place> =
            cluster.nodes().iter().map(|node| (node.name().clone(), seen.lives[node.name()])).collect();
        let of_now = seen.monitors.iter().filter(|((place, _), _)| lives.contains(place));
        let wrong: Vec<_> = of_now.filter(|(_, fired)| **fired != 1).collect();
        assert!(wrong.is_empty(), "monitors and how often they have fired: {wrong:?}");
        let left: Vec<_> = seen.links.iter().filter(|(place, _)| lives.contains(place)).collect();
        assert!(left.is_empty(), "links of whose end nobody was told: {left:?}");
    }

    async fn run(self, system: System, node: Node) {
        let name = node.name().clone();
        let life = {
            let mut seen = self.seen();
            let life = seen.lives.entry(name.clone()).or_default();
            *life += 1;
            *life
        };
        let me = (name, life);
        node.start(&system).await.unwrap();
        let cluster = Cluster::of(&system).unwrap();

        self.watch_events(&system, me.clone());
        let (world, place) = (self.clone(), me.clone());
        let sink = system.spawn(async move |ctx: ProcessContext<Term>| world.receive(ctx, place).await);
        system.register(&Name::new("sink"), &sink).unwrap();
        self.seen().sinks.push((life, cluster.wire_pid(sink.pid()).unwrap()));
        for other in self.names.iter().filter(|other| **other != me.0) {
            let of = || (self.clone(), me.clone(), cluster.clone(), other.clone());
            let (world, place, cluster, to) = of();
            system.spawn(async move |ctx: ProcessContext<()>| world.send(ctx, place, cluster, to).await);
            let (world, place, cluster, to) = of();
            system.spawn(async move |ctx: ProcessContext<()>| world.monitor(ctx, place, sink_of(&cluster, &to)).await);
            let (world, place, cluster, to) = of();
            system.spawn(async move |ctx: ProcessContext<()>| world.link(ctx, place, cluster, to).await);
            let (world, place, cluster, to) = of();
            system.spawn(async move |ctx: ProcessContext<NodeDown>| world.monitor_node(ctx, place, cluster, to).await);
        }
    }

    /// Of each other node it is reported by turns that it is connected, and that it no longer is.
    fn watch_events(&self, system: &System, me: Place) {
        let (world, up) = (self.clone(), Mutex::new(BTreeMap::new()));
        let hook = system.on_event(move |event| {
            let Some(event) = event.downcast_ref::<NodeEvent>() else { return };
            let is_up = matches!(event, NodeEvent::Up { .. });
            let was_up = up.lock().unwrap().insert(event.node().clone(), is_up).unwrap_or(false);
            world.expect(is_up != was_up, || format!("{me:?} hears twice: {event}"));
        });
        system.spawn(async move |mut ctx: ProcessContext<()>| {
            let _hook = hook;
            drop(ctx.receive().await);
        });
    }

    /// Sends to the sink of a node, by its name and by the pids of all its lives, until it is over.
    async fn send(self, ctx: ProcessContext<()>, (name, life): Place, cluster: Cluster, to: NodeName) {
        let by_name = sink_of(&cluster, &to);
        for number in 0.. {
            if self.is_over.load(Ordering::Relaxed) {
                return;
            }
            let sinks: Vec<_> = self.seen().sinks.iter().filter(|(_, pid)| pid.node == *to.atom()).cloned().collect();
            let choice = ctx.system().random();
            let letter = |meant| (name.as_str().to_owned(), life, number, meant);
            let _ = match sinks.get(choice as usize % (sinks.len() + 2)) {
                Some((meant, pid)) => cluster.process(pid).send(&letter(Some(*meant))).await,
                None => by_name.send(&letter(None)).await,
            };
            ctx.system().sleep(Duration::from_millis(choice >> 32 & 8191)).await;
        }
    }

    /// What is received is in the order in which it was sent, once each, was meant for this life of the node, and does not
    /// come from an earlier life of a node than what came before.
    async fn receive(self, mut ctx: ProcessContext<Term>, me: Place) {
        ctx.trap_exit(true);
        let mut latest = BTreeMap::new();
        loop {
            let letter = match ctx.receive().await {
                Message::User(letter) => letter,
                Message::Exit(exit) if exit.reason == ExitReason::Shutdown => return,
                // Of those who have linked to it.
                _ => continue,
            };
            let (from, life, number, meant): Letter = from_term(&letter).unwrap();
            let from: NodeName = from.parse().unwrap();
            self.expect(meant.is_none_or(|meant| meant == me.1), || {
                format!("{me:?} gets {letter}, which is not for it")
            });
            let latest = latest.entry(from.clone()).or_insert(life);
            self.expect(*latest <= life, || format!("{me:?} has heard of life {latest}, and now gets {letter}"));
            *latest = life;
            let mut seen = self.seen();
            seen.received += 1;
            let last = seen.last.insert(((from, life), me.clone()), number);
            drop(seen);
            self.expect(last.is_none_or(|last| last < number), || format!("{me:?} gets {letter} after {last:?}"));
        }
    }

    /// Monitors the sink of a node, again and again.
    async fn monitor(self, mut ctx: ProcessContext<()>, me: Place, sink: Remote) {
        let mut waiting = 0;
        loop {
            while waiting < 2 && !self.is_over.load(Ordering::Relaxed) {
                let monitor = ctx.monitor(&sink);
                self.seen().monitors.insert((me.clone(), monitor), 0);
                waiting += 1;
            }
            if let Message::Down(down) = ctx.receive().await {
                let mut seen = self.seen();
                let fired = seen.monitors.get_mut(&(me.clone(), down.monitor)).expect("it was set");
                *fired += 1;
                let is_first = *fired == 1;
                drop(seen);
                self.expect(is_first, || format!("{me:?} gets once more {down:?}"));
                waiting -= 1;
            }
            ctx.system().sleep(Duration::from_secs(3)).await;
        }
    }

    /// Monitors a node, again and again; between two monitors there is nothing to hear.
    async fn monitor_node(self, mut ctx: ProcessContext<NodeDown>, me: Place, cluster: Cluster, to: NodeName) {
        self.seen().downs.insert((me.clone(), to.clone()), 0);
        loop {
            let _monitor = cluster.monitor_node(&to, Address::from(&ctx.this())).unwrap();
            ctx.receive().await;
            *self.seen().downs.get_mut(&(me.clone(), to.clone())).expect("it was set") += 1;
            if let Some(message) = ctx.receive_timeout(Duration::from_secs(3)).await {
                self.expect(false, || format!("{me:?} is told once more of {to}: {message:?}"));
            }
        }
    }

    /// Links to the sink of a node, again and again; between two links there is nothing to hear.
    async fn link(self, mut ctx: ProcessContext<()>, me: Place, cluster: Cluster, to: NodeName) {
        ctx.trap_exit(true);
        loop {
            if let Some(message) = ctx.receive_timeout(Duration::from_secs(5)).await {
                self.expect(false, || format!("{me:?} is told once more of a link: {message:?}"));
            }
            if self.is_over.load(Ordering::Relaxed) {
                continue;
            }
            let last = self.seen().sinks.iter().rfind(|(_, pid)| pid.node == *to.atom()).map(|(_, pid)| pid.clone());
            let Some(pid) = last.and_then(|sink| cluster.pid(&sink)) else { continue };
            self.seen().links.insert((me.clone(), pid));
            ctx.link(pid).expect("it traps exits");
            let message = ctx.receive().await;
            let is_its_end = matches!(&message, Message::Exit(exit) if exit.from == pid);
            self.expect(is_its_end, || format!("{me:?} is linked to {pid}, and gets {message:?}"));
            self.seen().links.remove(&(me.clone(), pid));
        }
    }

    /// Fails the run, after this step, unless the promise is kept.
    fn expect(&self, is_kept: bool, what: impl FnOnce() -> String) {
        if !is_kept {
            self.seen().broken.get_or_insert_with(what);
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn sink_of(cluster: &Cluster, node: &NodeName) -> Remote {
    cluster.named("sink", node).unwrap()
}

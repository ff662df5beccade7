//! Monitors of nodes: one message each, when the node is not connected, or no longer.

use std::time::Duration;

use otp::dist::{NodeDown, NodeEvent, NodeMonitor, NodeName};
use otp::{Address, ExitReason, Message, ProcessContext, ProcessRef, System};

use crate::nodes::{Side, claim_to_be, free_port, node, start, two};

/// A process that passes on what it is told.
fn watcher(system: &System) -> (Address<NodeDown>, async_channel::Receiver<NodeName>) {
    let (send, told) = async_channel::unbounded();
    let process: ProcessRef<NodeDown> = system.spawn(async move |mut ctx: ProcessContext<NodeDown>| {
        while let Message::User(down) = ctx.receive().await {
            send.try_send(down.node).unwrap();
        }
    });
    (Address::from(&process), told)
}

/// The events of nodes, as one side sees them.
fn events(of: &Side) -> (NodeMonitor, async_channel::Receiver<NodeEvent>) {
    let (send, events) = async_channel::unbounded();
    let process = of.system.spawn(async move |mut ctx: ProcessContext<NodeEvent>| {
        while let Message::User(event) = ctx.receive().await {
            send.try_send(event).unwrap();
        }
    });
    (of.cluster.monitor_nodes(Address::from(&process)), events)
}

#[otp::test]
async fn each_monitor_of_a_node_sends_one_message_when_the_connection_is_lost(system: System) {
    let (a, b) = two(&system).await;
    let (to, told) = watcher(&system);
    a.cluster.connect(&b.name).await.unwrap();
    let monitors = [(); 2].map(|()| a.cluster.monitor_node(&b.name, to.clone()).unwrap());
    for _ in 0..2 {
        a.cluster.disconnect(&b.name);
        a.cluster.connect(&b.name).await.unwrap();
    }
    let again = a.cluster.monitor_node(&b.name, to.clone()).unwrap();
    let own = a.cluster.monitor_node(&a.name, to.clone()).unwrap();
    b.root.stop().await.unwrap();
    for _ in 0..3 {
        assert_eq!(told.recv().await, Ok(b.name.clone()));
    }
    let last = a.cluster.monitor_node("nowhere@127.0.0.3", to).unwrap();
    assert_eq!(told.recv().await.unwrap().as_str(), "nowhere@127.0.0.3", "nothing else was said before");
    drop((monitors, again, own, last));
}

#[otp::test]
async fn a_monitor_connects_to_the_node(system: System) {
    let (a, b) = two(&system).await;
    let (_events, events) = events(&b);
    let (to, told) = watcher(&system);
    let _monitor = a.cluster.monitor_node(&b.name, to).unwrap();
    let up = events.recv().await.unwrap();
    assert!(matches!(&up, NodeEvent::Up { node, .. } if *node == a.name), "{up}");
    b.root.stop().await.unwrap();
    assert_eq!(told.recv().await, Ok(b.name));
}

#[otp::test]
async fn a_monitor_of_a_node_that_cannot_be_reached_says_so_each_time(system: System) {
    let (a, _b) = two(&system).await;
    let (to, told) = watcher(&system);
    for _ in 0..2 {
        let _monitor = a.cluster.monitor_node("nowhere@127.0.0.3", to.clone()).unwrap();
        assert_eq!(told.recv().await.unwrap().as_str(), "nowhere@127.0.0.3");
    }
    assert!(a.cluster.monitor_node("nowhere", to).is_err());
}

#[otp::test]
async fn a_monitor_that_is_dropped_says_nothing(system: System) {
    let (a, b) = two(&system).await;
    let (to, told) = watcher(&system);
    a.cluster.connect(&b.name).await.unwrap();
    let dropped = a.cluster.monitor_node(&b.name, to.clone()).unwrap();
    let _other = a.cluster.monitor_node(&b.name, to.clone()).unwrap();
    drop(dropped);
    a.cluster.disconnect(&b.name);
    assert_eq!(told.recv().await, Ok(b.name));
    let _last = a.cluster.monitor_node("nowhere@127.0.0.3", to).unwrap();
    assert_eq!(told.recv().await.unwrap().as_str(), "nowhere@127.0.0.3", "nothing else was said before");
}

#[otp::test]
async fn the_message_comes_after_the_monitors_of_processes_of_the_node(system: System) {
    let (a, b) = two(&system).await;
    let (process, _received) = b.recorder("log");
    a.cluster.connect(&b.name).await.unwrap();
    let remote = a.cluster.process(&b.cluster.wire_pid(process.pid()).unwrap());
    let (ready, is_ready) = futures::channel::oneshot::channel();
    let cluster = a.cluster.clone();
    let watcher = system.spawn(async move |mut ctx: ProcessContext<NodeDown>| {
        let _monitor = cluster.monitor_node("b@127.0.0.2", Address::from(&ctx.this())).unwrap();
        ctx.monitor(&remote);
        let _ = ready.send(());
        assert!(matches!(ctx.receive().await, Message::Down(down) if down.reason == ExitReason::NoConnection));
        assert!(matches!(ctx.receive().await, Message::User(NodeDown { .. })));
    });
    is_ready.await.unwrap();
    a.cluster.disconnect(&b.name);
    assert_eq!(watcher.exited().await, ExitReason::Normal);
}

#[otp::test]
async fn a_stranger_who_claims_to_be_the_node_ends_no_monitor(system: System) {
    let port = free_port(&system).await;
    let a = start(&system, port, node("a@127.0.0.1", port).setup_time(Duration::from_millis(300))).await;
    let b = start(&System::on(system.runtime().clone()), port, node("b@127.0.0.2", port)).await;
    let _stranger = claim_to_be(&b.name, &system, port).await;

    let (_events, events) = events(&b);
    let (to, told) = watcher(&system);
    let _monitor = a.cluster.monitor_node(&b.name, to).unwrap();
    let up = events.recv().await.unwrap();
    assert!(matches!(&up, NodeEvent::Up { node, .. } if *node == a.name), "{up}");
    assert!(told.is_empty());
    b.root.stop().await.unwrap();
    assert_eq!(told.recv().await, Ok(b.name));
}
